#include "rig/disk/block_devices.h"

#include <string>
#include <vector>

#include "disk/sysfs_devices.h"
#include "support/catch.h"

namespace {

using Names = std::vector<std::string>;

Names disks_under(const SysfsDevices& sysfs, const std::string& name) {
  Names names;
  for (const auto& disk : rig::disks_under(sysfs.folder(name)))
    names.push_back(rig::device_name(disk));
  return names;
}

std::vector<Names> paths_under(const SysfsDevices& sysfs, const std::string& name) {
  std::vector<Names> disks;
  for (const auto& paths : rig::disk_paths_under(sysfs.folder(name))) {
    Names names;
    for (const auto& path : paths) names.push_back(rig::device_name(path));
    disks.push_back(names);
  }
  return disks;
}

void name_for_mapper(const SysfsDevices& sysfs, const std::string& device,
                     const std::string& uuid) {
  sysfs.write(device, "dm/uuid", uuid + "\n");
}

}  // namespace

TEST_CASE("A disk stands on itself, also through its link in /sys/block") {
  const SysfsDevices sysfs;
  sysfs.device("sda");
  CHECK(disks_under(sysfs, "sda") == Names{"sda"});
}

TEST_CASE("A partition stands on its disk") {
  const SysfsDevices sysfs;
  sysfs.device("sda");
  sysfs.partition("sda", "sda1");
  CHECK(disks_under(sysfs, "sda/sda1") == Names{"sda"});
}

TEST_CASE("Device-mapper on partitions is followed to the disks, each once") {
  const SysfsDevices sysfs;
  sysfs.device("sda");
  sysfs.device("sdb");
  sysfs.partition("sda", "sda1");
  sysfs.partition("sda", "sda2");
  sysfs.device("dm-0");
  sysfs.put_on("dm-0", {"sda/sda1", "sda/sda2", "sdb"});
  sysfs.device("md0");
  sysfs.put_on("md0", {"dm-0"});
  CHECK(disks_under(sysfs, "md0") == Names{"sda", "sdb"});
}

TEST_CASE("A partition of an array is followed through the array") {
  const SysfsDevices sysfs;
  sysfs.device("sda");
  sysfs.device("md0");
  sysfs.put_on("md0", {"sda"});
  sysfs.partition("md0", "md0p1");
  CHECK(disks_under(sysfs, "md0/md0p1") == Names{"sda"});
}

TEST_CASE("A device that has gone stands on nothing") {
  const SysfsDevices sysfs;
  CHECK(disks_under(sysfs, "sdb").empty());
}

TEST_CASE("Devices that stand on each other come to an end") {
  const SysfsDevices sysfs;
  sysfs.device("dm-0");
  sysfs.device("dm-1");
  sysfs.put_on("dm-0", {"dm-1"});
  sysfs.put_on("dm-1", {"dm-0"});
  CHECK(disks_under(sysfs, "dm-0").empty());
}

TEST_CASE("Paths that dm-multipath joins are one disk, also below a partition of it and LVM") {
  const SysfsDevices sysfs;
  for (const auto* disk : {"sda", "sdb", "sdc", "dm-0", "dm-1", "dm-2"}) sysfs.device(disk);
  sysfs.put_on("dm-0", {"sda", "sdb"});
  name_for_mapper(sysfs, "dm-0", "mpath-35002538f00000001");
  sysfs.put_on("dm-1", {"dm-0"});
  name_for_mapper(sysfs, "dm-1", "part1-mpath-35002538f00000001");
  sysfs.put_on("dm-2", {"dm-1", "sdc"});
  name_for_mapper(sysfs, "dm-2", "LVM-x");
  CHECK(paths_under(sysfs, "dm-2") == std::vector<Names>{{"sda", "sdb"}, {"sdc"}});
  CHECK(paths_under(sysfs, "sda") == std::vector<Names>{{"sda"}});
  CHECK(paths_under(sysfs, "sdx").empty());
}

TEST_CASE("Device-mapper that joins no paths stands on several disks") {
  const SysfsDevices sysfs;
  for (const auto* disk : {"sda", "sdb", "dm-0"}) sysfs.device(disk);
  sysfs.put_on("dm-0", {"sda", "sdb"});
  name_for_mapper(sysfs, "dm-0", "CRYPT-LUKS2-mpath-");
  CHECK(paths_under(sysfs, "dm-0") == std::vector<Names>{{"sda"}, {"sdb"}});
}

TEST_CASE("An exclamation mark in sysfs is the slash of a device's name") {
  CHECK(rig::device_name("/sys/block/cciss!c0d0") == "cciss/c0d0");
}
