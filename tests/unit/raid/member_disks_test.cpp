#include "raid/member_disks.h"

#include <algorithm>
#include <filesystem>

#include "raid/member_disks_fixture.h"
#include "raid/raid_host.h"
#include "support/catch.h"
#include "support/opened_files.h"

namespace fs = std::filesystem;

TEST_CASE("Members on a SATA disk and on a partition have the identity and health of the disk") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_sata_disk("sdb", "5002538f00000002");
  host.add_partition("sdb", "sdb1");
  host.add_array("md0", {"sda", "sdb1"});
  const auto got = RaidHost(host.path()).collect();
  CHECK(got.problems.empty());
  CHECK(got[info_series("sda", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001")] ==
        1.0);
  CHECK(got[info_series("sdb1", "Samsung SSD 870", "5002538f00000002", "0x5002538f00000002")] ==
        1.0);
  for (const auto* member : {"sda", "sdb1"}) {
    CHECK(got[member_series("device_online", member)] == 1.0);
    CHECK(got[member_series("io_errors_total", member)] == 31.0);
    CHECK(got[member_series("temperature_celsius", member)] == 34.0);
  }
}

TEST_CASE("A loop device has neither identity nor health") {
  DiskHost host;
  host.add_disk("loop0");
  host.add_array("md0", {"loop0"});
  const auto got = RaidHost(host.path()).collect();
  CHECK(got.problems.empty());
  CHECK(got[info_series("loop0", "", "", "")] == 1.0);
  CHECK(got.count("rig_raid_member_device_online") == 0);
  CHECK(got.count("rig_raid_member_io_errors") == 0);
  CHECK(got.count("rig_raid_member_temperature") == 0);
}

TEST_CASE("A member on an encrypted disk has the identity and health of the disk below") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_mapper("dm-0", "CRYPT-LUKS2-1", {"sda"});
  host.add_array("md0", {"dm-0"});
  const auto got = RaidHost(host.path()).collect();
  CHECK(got[info_series("dm-0", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001")] ==
        1.0);
  CHECK(got[member_series("temperature_celsius", "dm-0")] == 34.0);
}

TEST_CASE("A member on two disks combines both: the worse state and the higher temperature") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_sata_disk("sdb", "5002538f00000002");
  host.root().write(host.temperature_file("sda"), "41000\n");
  host.add_mapper("dm-0", "LVM-1", {"sda", "sdb"});
  host.add_array("md0", {"dm-0"});
  host.write("scsi-sdb/state", "offline\n");
  const auto got = RaidHost(host.path()).collect();
  CHECK(got[info_series("dm-0", "Samsung SSD 870,Samsung SSD 870",
                        "5002538f00000001,5002538f00000002",
                        "0x5002538f00000001,0x5002538f00000002")] == 1.0);
  CHECK(got[member_series("device_online", "dm-0")] == 0.0);
  CHECK_FALSE(got[member_series("io_errors_total",
                                "dm-0")]);  // a sum would decrease when one disk vanishes
  CHECK(got[member_series("temperature_celsius", "dm-0")] == 41.0);
}

TEST_CASE("A member on a multipath disk is online while one of the paths is") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_sata_disk("sdb", "5002538f00000001");
  host.add_mapper("dm-0", "mpath-35002538f00000001", {"sda", "sdb"});
  host.add_array("md0", {"dm-0"});
  host.write("scsi-sda/state", "transport-offline\n");
  const auto got = RaidHost(host.path()).collect();
  CHECK(got[info_series("dm-0", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001")] ==
        1.0);
  CHECK(got[member_series("device_online", "dm-0")] == 1.0);
}

TEST_CASE("A member on a multipath disk without any path that works is offline") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_sata_disk("sdb", "5002538f00000002");
  const bool all_offline = GENERATE(false, true);  // or gone
  host.add_mapper("dm-0", "mpath-35002538f00000001",
                  all_offline ? std::vector<std::string>{"sda"} : std::vector<std::string>{});
  host.write("scsi-sda/state", "offline\n");
  const std::string member = GENERATE("dm-0", "dm-1", "dm-2");
  host.add_mapper("dm-1", "part3-mpath-35002538f00000001", {"dm-0"});
  host.add_mapper("dm-2", "LVM-x", {"dm-0", "sdb"});  // sdb is online
  host.add_array("md0", {member});
  const auto got = RaidHost(host.path()).collect();
  CHECK(got.problems.empty());
  CHECK(got[member_series("device_online", member)] == 0.0);
}

TEST_CASE("A member is offline while its multipath disk has lost all paths") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_sata_disk("sdb", "5002538f00000001");
  host.add_mapper("dm-0", "mpath-nvme.1344-3231", {"sda", "sdb"});
  host.add_array("md0", {"dm-0"});
  RaidHost collector(host.path());
  CHECK(collector.collect()[member_series("device_online", "dm-0")] == 1.0);
  const auto paths = host.directory("dm-0") / "slaves";
  std::filesystem::remove(paths / "sda");
  CHECK(collector.collect()[member_series("device_online", "dm-0")] == 1.0);
  std::filesystem::remove(paths / "sdb");
  CHECK(collector.collect()[member_series("device_online", "dm-0")] == 0.0);
  std::filesystem::create_directory_symlink(host.directory("sda"), paths / "sda");
  CHECK(collector.collect()[member_series("device_online", "dm-0")] == 1.0);
}

TEST_CASE("A disk in two arrays is read once") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_partition("sda", "sda1");
  host.add_partition("sda", "sda2");
  host.add_array("md0", {"sda1"});
  host.add_array("md1", {"sda2"});
  RaidHost collector(host.path());
  OpenedFiles opened(host.path() / "sys");
  const auto got = collector.collect();
  CHECK(got[member_series("temperature_celsius", "sda1")] == 34.0);
  CHECK(got[member_series("temperature_celsius", "sda2", "md1")] == 34.0);
  const auto files = opened.take();
  for (const fs::path name : {"temp1_input", "ioerr_cnt", "model"}) {
    CHECK(std::ranges::count(files, name, [](const fs::path& file) { return file.filename(); }) ==
          1);
  }
}

TEST_CASE("The temperature of a suspended disk is not read") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_array("md0", {"sda"});
  RaidHost collector(host.path());
  CHECK(collector.collect()[member_series("temperature_celsius", "sda")] == 34.0);
  host.write("scsi-sda/power/runtime_status", "suspended\n");
  OpenedFiles opened(host.path() / "sys");
  const auto got = collector.collect();
  for (const auto& file : opened.take()) CHECK_THAT(file, !ContainsSubstring("temp1_input"));
  CHECK_FALSE(got[member_series("temperature_celsius", "sda")]);
  CHECK(got[member_series("device_online", "sda")] == 1.0);
}
