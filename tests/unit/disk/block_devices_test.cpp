#include "rig/disk/block_devices.h"

#include <string>
#include <vector>

#include "disk/sysfs_devices.h"
#include "support/catch.h"

namespace {

using Names = std::vector<std::string>;

Names disks_under(const SysfsDevices& sysfs, const std::string& name) {
  Names names;
  for (const auto& disk : rig::disks_under(sysfs.directory(name)))
    names.push_back(rig::device_name(disk));
  return names;
}

std::vector<Names> paths_under(const SysfsDevices& sysfs, const std::string& name) {
  std::vector<Names> disks;
  for (const auto& paths : rig::disk_paths_under(sysfs.directory(name))) {
    Names names;
    for (const auto& path : paths) names.push_back(rig::device_name(path));
    disks.push_back(names);
  }
  return disks;
}

void write_dm_uuid(const SysfsDevices& sysfs, const std::string& device, const std::string& uuid) {
  sysfs.write(device, "dm/uuid", uuid + "\n");
}

}  // namespace

TEST_CASE("The disk below a disk is the disk itself") {
  const SysfsDevices sysfs;
  sysfs.device("sda");
  CHECK(disks_under(sysfs, "sda") == Names{"sda"});
}

TEST_CASE("The disk below a partition is found") {
  const SysfsDevices sysfs;
  sysfs.device("sda");
  sysfs.partition("sda", "sda1");
  CHECK(disks_under(sysfs, "sda/sda1") == Names{"sda"});
}

TEST_CASE("The disks below device-mapper on partitions are found once each") {
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

TEST_CASE("The disks below a partition of an array are found") {
  const SysfsDevices sysfs;
  sysfs.device("sda");
  sysfs.device("md0");
  sysfs.put_on("md0", {"sda"});
  sysfs.partition("md0", "md0p1");
  CHECK(disks_under(sysfs, "md0/md0p1") == Names{"sda"});
}

TEST_CASE("There are no disks below a device that does not exist") {
  const SysfsDevices sysfs;
  CHECK(disks_under(sysfs, "sdb").empty());
}

TEST_CASE("A loop of devices ends the recursion") {
  const SysfsDevices sysfs;
  sysfs.device("dm-0");
  sysfs.device("dm-1");
  sysfs.put_on("dm-0", {"dm-1"});
  sysfs.put_on("dm-1", {"dm-0"});
  CHECK(disks_under(sysfs, "dm-0").empty());
}

TEST_CASE("The paths of dm-multipath are one disk, also below a partition of it and LVM") {
  const SysfsDevices sysfs;
  for (const auto* disk : {"sda", "sdb", "sdc", "dm-0", "dm-1", "dm-2"}) sysfs.device(disk);
  sysfs.put_on("dm-0", {"sda", "sdb"});
  write_dm_uuid(sysfs, "dm-0", "mpath-35002538f00000001");
  sysfs.put_on("dm-1", {"dm-0"});
  write_dm_uuid(sysfs, "dm-1", "part1-mpath-35002538f00000001");
  sysfs.put_on("dm-2", {"dm-1", "sdc"});
  write_dm_uuid(sysfs, "dm-2", "LVM-x");
  CHECK(paths_under(sysfs, "dm-2") == std::vector<Names>{{"sda", "sdb"}, {"sdc"}});
  CHECK(paths_under(sysfs, "sda") == std::vector<Names>{{"sda"}});
  CHECK(paths_under(sysfs, "sdx").empty());
}

TEST_CASE("A dm-multipath device without paths is a disk without paths, also below LVM") {
  const SysfsDevices sysfs;
  for (const auto* disk : {"sda", "dm-0", "dm-1"}) sysfs.device(disk);
  write_dm_uuid(sysfs, "dm-0", "mpath-35002538f00000001");
  sysfs.put_on("dm-1", {"dm-0", "sda"});
  write_dm_uuid(sysfs, "dm-1", "LVM-x");
  CHECK(paths_under(sysfs, "dm-0") == std::vector<Names>{{}});
  CHECK(paths_under(sysfs, "dm-1") == std::vector<Names>{{}, {"sda"}});
}

TEST_CASE("The disks below other device-mapper devices are separate") {
  const SysfsDevices sysfs;
  for (const auto* disk : {"sda", "sdb", "dm-0"}) sysfs.device(disk);
  sysfs.put_on("dm-0", {"sda", "sdb"});
  write_dm_uuid(sysfs, "dm-0", "CRYPT-LUKS2-mpath-");
  CHECK(paths_under(sysfs, "dm-0") == std::vector<Names>{{"sda"}, {"sdb"}});
}

TEST_CASE("An exclamation mark in sysfs is a slash in the device name") {
  CHECK(rig::device_name("/sys/block/cciss!c0d0") == "cciss/c0d0");
}
