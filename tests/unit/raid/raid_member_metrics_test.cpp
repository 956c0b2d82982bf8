#include "raid/raid_member_metrics.h"

#include <filesystem>

#include "raid/member_disks_fixture.h"
#include "raid/raid_host.h"
#include "support/catch.h"

namespace fs = std::filesystem;

TEST_CASE("md reports the slot, corrected read errors and bad blocks of a member") {
  DiskHost host;
  for (const auto* disk : {"loop0", "loop1", "loop2", "loop3"}) host.add_disk(disk);
  host.add_array("md0", {"loop0", "loop1", "loop2", "loop3"});
  host.write("md0/md/dev-loop0/errors", "17\n");
  host.write("md0/md/dev-loop0/bad_blocks", "20480 16\n");
  host.write("md0/md/dev-loop1/slot", "none\n");
  host.write("md0/md/dev-loop2/slot", "journal\n");
  fs::remove(host.directory("md0") / "md/dev-loop3/slot");
  const auto got = RaidHost(host.path()).collect();
  CHECK(got.problems.empty());
  CHECK(got[member_series("corrected_read_errors_total", "loop0")] == 17.0);
  CHECK(got[member_series("bad_blocks_bytes", "loop0")] == 8192.0);
  CHECK_FALSE(got[member_series("corrected_read_errors_total", "loop1")]);
  CHECK_FALSE(got[member_series("bad_blocks_bytes", "loop1")]);
  CHECK(got[info_series("loop1", "", "", "", "none")] == 1.0);
  CHECK(got[info_series("loop2", "", "", "", "journal")] == 1.0);
  CHECK(got[info_series("loop3", "", "", "", "")] == 1.0);
}

TEST_CASE("Error counts of all ones are problems and not samples") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_array("md0", {"sda"});
  host.write("md0/md/dev-sda/errors", "4294967295\n");
  host.write("scsi-sda/ioerr_cnt", GENERATE("0xffffffff\n", "0xffffffffffffffff\n"));
  const auto got = RaidHost(host.path()).collect();
  CHECK_FALSE(got[member_series("corrected_read_errors_total", "sda")]);
  CHECK_FALSE(got[member_series("io_errors_total", "sda")]);
  CHECK(got.problems.size() == 2);
}
