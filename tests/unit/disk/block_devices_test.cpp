#include "rig/block_devices.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "catch.h"
#include "temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

// Devices as sysfs has them: /sys/block/NAME is a link into /sys/devices.
class Sysfs {
 public:
  void disk(const std::string& name) {
    fs::create_directories(folder(name));
    fs::create_directories(sys() / "block");
    fs::create_directory_symlink(folder(name), sys() / "block" / name);
  }
  void partition(const std::string& disk, const std::string& name) {
    root_.write("sys/devices/" + disk + "/" + name + "/partition", "1\n");
    places_[name] = folder(disk) / name;
  }
  void put_on(const std::string& device, const Names& below) {
    fs::create_directories(folder(device) / "slaves");
    for (const auto& name : below)
      fs::create_directory_symlink(folder(name), folder(device) / "slaves" / name);
  }
  void name_for_mapper(const std::string& device, const std::string& uuid) {
    root_.write("sys/devices/" + device + "/dm/uuid", uuid + "\n");
  }
  fs::path folder(const std::string& name) const {
    const auto place = places_.find(name);
    return place == places_.end() ? sys() / "devices" / name : place->second;
  }
  Names disks_under(const std::string& name) const {
    Names names;
    for (const auto& disk : rig::disks_under(folder(name))) names.push_back(rig::device_name(disk));
    return names;
  }
  std::vector<Names> paths_under(const std::string& name) const {
    std::vector<Names> disks;
    for (const auto& paths : rig::disk_paths_under(folder(name))) {
      Names names;
      for (const auto& path : paths) names.push_back(rig::device_name(path));
      disks.push_back(names);
    }
    return disks;
  }

 private:
  fs::path sys() const { return root_.path() / "sys"; }

  TemporaryFolder root_;
  std::map<std::string, fs::path> places_;
};

TEST_CASE("A disk stands on itself, also through its link in /sys/block") {
  Sysfs sysfs;
  sysfs.disk("sda");
  CHECK(sysfs.disks_under("sda") == Names{"sda"});
}

TEST_CASE("A partition stands on its disk") {
  Sysfs sysfs;
  sysfs.disk("sda");
  sysfs.partition("sda", "sda1");
  CHECK(sysfs.disks_under("sda1") == Names{"sda"});
}

TEST_CASE("Device-mapper on partitions is followed to the disks, each once") {
  Sysfs sysfs;
  sysfs.disk("sda");
  sysfs.disk("sdb");
  sysfs.partition("sda", "sda1");
  sysfs.partition("sda", "sda2");
  sysfs.disk("dm-0");
  sysfs.put_on("dm-0", {"sda1", "sda2", "sdb"});
  sysfs.disk("md0");
  sysfs.put_on("md0", {"dm-0"});
  CHECK(sysfs.disks_under("md0") == Names{"sda", "sdb"});
}

TEST_CASE("A partition of an array is followed through the array") {
  Sysfs sysfs;
  sysfs.disk("sda");
  sysfs.disk("md0");
  sysfs.put_on("md0", {"sda"});
  sysfs.partition("md0", "md0p1");
  CHECK(sysfs.disks_under("md0p1") == Names{"sda"});
}

TEST_CASE("A device that has gone stands on nothing") {
  const Sysfs sysfs;
  CHECK(sysfs.disks_under("sdb").empty());
}

TEST_CASE("Devices that stand on each other come to an end") {
  Sysfs sysfs;
  sysfs.disk("dm-0");
  sysfs.disk("dm-1");
  sysfs.put_on("dm-0", {"dm-1"});
  sysfs.put_on("dm-1", {"dm-0"});
  CHECK(sysfs.disks_under("dm-0").empty());
}

TEST_CASE("Paths that dm-multipath joins are one disk, also below a partition of it and LVM") {
  Sysfs sysfs;
  for (const auto* disk : {"sda", "sdb", "sdc", "dm-0", "dm-1", "dm-2"}) sysfs.disk(disk);
  sysfs.put_on("dm-0", {"sda", "sdb"});
  sysfs.name_for_mapper("dm-0", "mpath-35002538f00000001");
  sysfs.put_on("dm-1", {"dm-0"});
  sysfs.name_for_mapper("dm-1", "part1-mpath-35002538f00000001");
  sysfs.put_on("dm-2", {"dm-1", "sdc"});
  sysfs.name_for_mapper("dm-2", "LVM-x");
  CHECK(sysfs.paths_under("dm-2") == std::vector<Names>{{"sda", "sdb"}, {"sdc"}});
  CHECK(sysfs.paths_under("sda") == std::vector<Names>{{"sda"}});
  CHECK(sysfs.paths_under("sdx").empty());
}

TEST_CASE("Device-mapper that joins no paths stands on several disks") {
  Sysfs sysfs;
  for (const auto* disk : {"sda", "sdb", "dm-0"}) sysfs.disk(disk);
  sysfs.put_on("dm-0", {"sda", "sdb"});
  sysfs.name_for_mapper("dm-0", "CRYPT-LUKS2-mpath-");
  CHECK(sysfs.paths_under("dm-0") == std::vector<Names>{{"sda"}, {"sdb"}});
}

TEST_CASE("An exclamation mark in sysfs is the slash of a device's name") {
  CHECK(rig::device_name("/sys/block/cciss!c0d0") == "cciss/c0d0");
}

}  // namespace
