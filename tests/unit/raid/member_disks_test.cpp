// The disks under the members, as a whole collection shows them.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "raid/raid_host.h"
#include "support/catch.h"
#include "support/opened_files.h"
#include "support/temporary_folder.h"

using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

// How long a collection waits for what hangs; what does not hang needs far less.
constexpr auto kPatience = 2s;

// A machine with arrays on whatever is needed. Every device is a folder in sys/devices.
class Machine {
 public:
  Machine() {
    root_.write("proc/mdstat", "Personalities : [raid1] \nunused devices: <none>\n");
    fs::create_directories(sys() / "block");
  }

  void sata(const std::string& name, const std::string& serial) const {
    const std::string device = "sys/devices/scsi-" + name;
    root_.write(device + "/model", "Samsung SSD 870 \n");
    root_.write(device + "/wwid", "naa." + serial + "\n");
    root_.write(device + "/state", "running\n");
    root_.write(device + "/ioerr_cnt", "0x1f\n");
    root_.write(device + "/hwmon/hwmon-" + name + "/name", "drivetemp\n");
    root_.write(device + "/hwmon/hwmon-" + name + "/temp1_input", "34000\n");
    fs::create_directory_symlink("../../bus/scsi", root_.path() / device / "subsystem");
    disk(name);
    fs::create_directory_symlink(root_.path() / device, folder(name) / "device");
    root_.write("sys/devices/" + name + "/serial", serial + "\n");
  }
  void disk(const std::string& name) const { fs::create_directories(folder(name)); }
  void partition(const std::string& disk, const std::string& name) {
    root_.write("sys/devices/" + disk + "/" + name + "/partition", "1\n");
    parents_[name] = disk;
  }
  void mapper(const std::string& name, const std::string& uuid, const Names& below) const {
    root_.write("sys/devices/" + name + "/dm/uuid", uuid + "\n");
    put_on(name, below);
  }
  void array(const std::string& name, const Names& members) const {
    root_.write("sys/devices/" + name + "/md/array_state", "clean\n");
    root_.write("sys/devices/" + name + "/md/level", "raid1\n");
    put_on(name, members);
    for (const auto& member : members) {
      const std::string place = "sys/devices/" + name + "/md/dev-" + member;
      root_.write(place + "/state", "in_sync\n");
      root_.write(place + "/slot", "0\n");
      fs::create_directory_symlink(folder(member), root_.path() / place / "block");
    }
    if (!fs::is_symlink(sys() / "block" / name))
      fs::create_directory_symlink(folder(name), sys() / "block" / name);
  }
  void write(const std::string& file, const std::string& text) const {
    root_.write("sys/devices/" + file, text);
  }
  fs::path temperature(const std::string& disk) const {
    return fs::path("sys/devices/scsi-" + disk) / "hwmon" / ("hwmon-" + disk) / "temp1_input";
  }
  fs::path folder(const std::string& name) const {
    const auto parent = parents_.find(name);
    const fs::path devices = sys() / "devices";
    return parent == parents_.end() ? devices / name : devices / parent->second / name;
  }
  const TemporaryFolder& root() const { return root_; }
  fs::path path() const { return root_.path(); }

 private:
  fs::path sys() const { return root_.path() / "sys"; }
  void put_on(const std::string& name, const Names& below) const {
    fs::create_directories(folder(name) / "slaves");
    for (const auto& device : below)
      fs::create_directory_symlink(folder(device), folder(name) / "slaves" / device);
  }

  TemporaryFolder root_;
  std::map<std::string, std::string> parents_;
};

std::string info(const std::string& member, const std::string& model, const std::string& serial,
                 const std::string& wwn, const std::string& slot = "0") {
  return "rig_raid_member_info{array=md0,member=" + member + ",model=" + model +
         ",serial=" + serial + ",slot=" + slot + ",wwn=" + wwn + "}";
}

std::string series(const std::string& metric, const std::string& member,
                   const std::string& array = "md0") {
  return "rig_raid_member_" + metric + "{array=" + array + ",member=" + member + "}";
}

std::size_t threads() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/task")) ++count;
  return count;
}

}  // namespace

TEST_CASE("A member on a SATA disk, and one on a partition of it, show the disk") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.sata("sdb", "5002538f00000002");
  machine.partition("sdb", "sdb1");
  machine.array("md0", {"sda", "sdb1"});
  const auto got = RaidMachine(machine.path()).collect();
  CHECK(got.problems.empty());
  CHECK(got[info("sda", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001")] == 1.0);
  CHECK(got[info("sdb1", "Samsung SSD 870", "5002538f00000002", "0x5002538f00000002")] == 1.0);
  for (const auto* member : {"sda", "sdb1"}) {
    CHECK(got[series("device_online", member)] == 1.0);
    CHECK(got[series("io_errors_total", member)] == 31.0);
    CHECK(got[series("temperature_celsius", member)] == 34.0);
  }
}

TEST_CASE("A loop device has neither identity nor health") {
  Machine machine;
  machine.disk("loop0");
  machine.array("md0", {"loop0"});
  const auto got = RaidMachine(machine.path()).collect();
  CHECK(got.problems.empty());
  CHECK(got[info("loop0", "", "", "")] == 1.0);
  CHECK(got.count("rig_raid_member_device_online") == 0);
  CHECK(got.count("rig_raid_member_io_errors") == 0);
  CHECK(got.count("rig_raid_member_temperature") == 0);
}

TEST_CASE("A member on an encrypted disk shows the disk below") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.mapper("dm-0", "CRYPT-LUKS2-1", {"sda"});
  machine.array("md0", {"dm-0"});
  const auto got = RaidMachine(machine.path()).collect();
  CHECK(got[info("dm-0", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001")] == 1.0);
  CHECK(got[series("temperature_celsius", "dm-0")] == 34.0);
}

TEST_CASE("A member on two disks is as good as the worse, as warm as the warmer, and names both") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.sata("sdb", "5002538f00000002");
  machine.root().write(machine.temperature("sda"), "41000\n");
  machine.mapper("dm-0", "LVM-1", {"sda", "sdb"});
  machine.array("md0", {"dm-0"});
  machine.write("scsi-sdb/state", "offline\n");
  const auto got = RaidMachine(machine.path()).collect();
  CHECK(got[info("dm-0", "Samsung SSD 870,Samsung SSD 870", "5002538f00000001,5002538f00000002",
                 "0x5002538f00000001,0x5002538f00000002")] == 1.0);
  CHECK(got[series("device_online", "dm-0")] == 0.0);
  CHECK_FALSE(got[series("io_errors_total", "dm-0")]);  // a sum would fall when one goes
  CHECK(got[series("temperature_celsius", "dm-0")] == 41.0);
}

TEST_CASE("A member on paths to one disk is online while one of them is, and names it once") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.sata("sdb", "5002538f00000001");
  machine.mapper("dm-0", "mpath-35002538f00000001", {"sda", "sdb"});
  machine.array("md0", {"dm-0"});
  machine.write("scsi-sda/state", "transport-offline\n");
  const auto got = RaidMachine(machine.path()).collect();
  CHECK(got[info("dm-0", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001")] == 1.0);
  CHECK(got[series("device_online", "dm-0")] == 1.0);
}

TEST_CASE("A disk that vanished has no values, but its name stays while the array lists it") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.sata("sdb", "5002538f00000002");
  machine.array("md0", {"sda", "sdb"});
  RaidMachine collector(machine.path());
  const auto identity = info("sdb", "Samsung SSD 870", "5002538f00000002", "0x5002538f00000002");
  CHECK(collector.collect()[identity] == 1.0);

  fs::remove_all(machine.folder("sdb"));
  for (int i = 0; i < 3; ++i) {
    const auto got = collector.collect();
    CHECK(got.problems.empty());
    CHECK(got[identity] == 1.0);
    CHECK(got[series("present", "sdb")] == 0.0);
    CHECK_FALSE(got[series("device_online", "sdb")]);
    CHECK_FALSE(got[series("io_errors_total", "sdb")]);
    CHECK_FALSE(got[series("temperature_celsius", "sdb")]);
    CHECK(got[series("temperature_celsius", "sda")] == 34.0);
  }

  const auto member = machine.folder("md0") / "md/dev-sdb";
  fs::rename(member, machine.path() / "away");
  CHECK(collector.collect().count("rig_raid_member_info{array=md0,member=sdb") == 0);
  fs::rename(machine.path() / "away", member);
  CHECK(collector.collect()[info("sdb", "", "", "")] == 1.0);
}

TEST_CASE("The label is read once, until another disk is in the place") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.array("md0", {"sda"});
  RaidMachine collector(machine.path());
  const auto first = info("sda", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001");
  CHECK(collector.collect()[first] == 1.0);
  OpenedFiles opened(machine.path() / "sys");
  CHECK(collector.collect()[first] == 1.0);
  for (const auto& file : opened.take()) CHECK_THAT(file, !ContainsSubstring("model"));

  fs::rename(machine.folder("sda"), machine.path() / "gone");
  machine.write("sda/serial", "another\n");
  fs::create_directory_symlink(machine.path() / "sys/devices/scsi-sda",
                               machine.folder("sda") / "device");
  CHECK(collector.collect()[info("sda", "Samsung SSD 870", "another", "0x5002538f00000001")] ==
        1.0);
}

TEST_CASE("A disk that hangs costs its temperature, once, and comes back") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.sata("sdb", "5002538f00000002");
  machine.array("md0", {"sda", "sdb"});
  RaidMachine collector(machine.path());
  const auto whole = collector.collect();
  const auto fifo = machine.root().make_fifo(machine.temperature("sdb"));

  auto got = collector.collect(kPatience);
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring("hwmon-sdb/temp1_input"));
  const auto threads_before = threads();
  for (int i = 0; i < 100; ++i) got = collector.collect();  // would wait for an hour
  CHECK(threads() < threads_before + 10);                   // and not one for each collection
  for (const auto& [name, value] : whole.samples) {
    INFO(name);
    if (name == series("temperature_celsius", "sdb")) {
      CHECK_FALSE(got[name]);
    } else {
      CHECK(got[name] == value);
    }
  }

  release_fifo(fifo, "35000\n");
  machine.root().write("spare", "35000\n");
  fs::rename(machine.path() / "spare", fifo);
  while (!got[series("temperature_celsius", "sdb")]) {
    usleep(1000);
    got = collector.collect();
  }
  CHECK(got[series("temperature_celsius", "sdb")] == 35.0);
  CHECK(got.problems.empty());
}

TEST_CASE("A look at the disks that hangs leaves the arrays whole and the disks their names") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.array("md0", {"sda"});
  RaidMachine collector(machine.path());
  CHECK(collector.collect().problems.empty());
  const auto fifo = machine.root().make_fifo("sys/devices/scsi-sda/state");
  const auto got = collector.collect(kPatience);
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring("the look at the disks does not come back"));
  CHECK(got.state("rig_raid_array_state", "md0") == "clean");
  CHECK(got[series("present", "sda")] == 1.0);
  CHECK(got[info("sda", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001")] == 1.0);
  CHECK_FALSE(got[series("device_online", "sda")]);
  CHECK_FALSE(got[series("temperature_celsius", "sda")]);
  release_fifo(fifo);
}

TEST_CASE("A disk that sleeps is not asked") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.array("md0", {"sda"});
  RaidMachine collector(machine.path());
  CHECK(collector.collect()[series("temperature_celsius", "sda")] == 34.0);
  machine.write("scsi-sda/power/runtime_status", "suspended\n");
  OpenedFiles opened(machine.path() / "sys");
  const auto got = collector.collect();
  for (const auto& file : opened.take()) CHECK_THAT(file, !ContainsSubstring("temp1_input"));
  CHECK_FALSE(got[series("temperature_celsius", "sda")]);
  CHECK(got[series("device_online", "sda")] == 1.0);
}

TEST_CASE("A disk in two arrays is asked once") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.partition("sda", "sda1");
  machine.partition("sda", "sda2");
  machine.array("md0", {"sda1"});
  machine.array("md1", {"sda2"});
  RaidMachine collector(machine.path());
  OpenedFiles opened(machine.path() / "sys");
  const auto got = collector.collect();
  CHECK(got[series("temperature_celsius", "sda1")] == 34.0);
  CHECK(got[series("temperature_celsius", "sda2", "md1")] == 34.0);
  const auto files = opened.take();
  for (const fs::path name : {"temp1_input", "ioerr_cnt", "model"}) {
    CHECK(std::ranges::count(files, name, [](const fs::path& file) { return file.filename(); }) ==
          1);
  }
}

TEST_CASE("A temperature or a count that makes no sense is a problem of that disk only") {
  Machine machine;
  machine.sata("sda", "5002538f00000001");
  machine.sata("sdb", "5002538f00000002");
  machine.array("md0", {"sda", "sdb"});
  machine.root().write(machine.temperature("sda"), "warm\n");
  machine.write("scsi-sda/ioerr_cnt", "0x\n");
  const auto got = RaidMachine(machine.path()).collect();
  REQUIRE(got.problems.size() == 2);
  CHECK_THAT(got.problems[0], ContainsSubstring("ioerr_cnt: makes no sense: '0x'"));
  CHECK_THAT(got.problems[1], ContainsSubstring("temp1_input: makes no sense: 'warm'"));
  CHECK_FALSE(got[series("temperature_celsius", "sda")]);
  CHECK_FALSE(got[series("io_errors_total", "sda")]);
  CHECK(got[series("device_online", "sda")] == 1.0);
  CHECK(got[series("temperature_celsius", "sdb")] == 34.0);
}

TEST_CASE("What md itself says of a member: its slot, corrected read errors, bad blocks") {
  Machine machine;
  for (const auto* disk : {"loop0", "loop1", "loop2", "loop3"}) machine.disk(disk);
  machine.array("md0", {"loop0", "loop1", "loop2", "loop3"});
  machine.write("md0/md/dev-loop0/errors", "17\n");
  machine.write("md0/md/dev-loop0/bad_blocks", "20480 16\n");
  machine.write("md0/md/dev-loop1/slot", "none\n");
  machine.write("md0/md/dev-loop2/slot", "journal\n");
  fs::remove(machine.folder("md0") / "md/dev-loop3/slot");
  const auto got = RaidMachine(machine.path()).collect();
  CHECK(got.problems.empty());
  CHECK(got[series("corrected_read_errors_total", "loop0")] == 17.0);
  CHECK(got[series("bad_blocks_bytes", "loop0")] == 8192.0);
  CHECK_FALSE(got[series("corrected_read_errors_total", "loop1")]);
  CHECK_FALSE(got[series("bad_blocks_bytes", "loop1")]);
  CHECK(got[info("loop1", "", "", "", "none")] == 1.0);
  CHECK(got[info("loop2", "", "", "", "journal")] == 1.0);
  CHECK(got[info("loop3", "", "", "", "")] == 1.0);
}
