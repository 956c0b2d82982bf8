#include "disk/monitored_devices.h"

#include "disk/sysfs_devices.h"
#include "support/catch.h"

using namespace rig;

namespace {

// The arrays of each device, separated by spaces.
using Arrays = std::map<std::string, std::string>;

MonitoredDevices devices_in(const SysfsDevices& sysfs) {
  const ListedDevices listed = *list_devices(sysfs.sys());
  std::map<std::string, bool> containers;
  for (const auto& [name, array] : listed.arrays)
    containers[name] = *read_is_container(array.directory);
  return monitored_devices(listed, containers);
}

Arrays arrays_in(const SysfsDevices& sysfs) {
  Arrays found;
  const MonitoredDevices devices = devices_in(sysfs);
  for (const auto& [name, device] : devices) {
    std::string& arrays = found[name];
    for (const auto& array : device.arrays) arrays += (arrays.empty() ? "" : " ") + array;
  }
  return found;
}

TEST_CASE("Disks and arrays are monitored; loop, zram, device-mapper, optical and floppy are not") {
  const SysfsDevices sysfs;
  for (const auto* name : {"sda", "vda", "mmcblk0", "nvme0n1", "sr0", "fd0"}) sysfs.disk(name);
  for (const auto* name : {"loop0", "zram0", "dm-0", "ram0"}) sysfs.device(name);
  sysfs.array("md0", {"sda"});
  CHECK(arrays_in(sysfs) ==
        Arrays{{"md0", ""}, {"mmcblk0", ""}, {"nvme0n1", ""}, {"sda", "md0"}, {"vda", ""}});
  const auto devices = devices_in(sysfs);
  CHECK(devices.at("md0").is_array);
  CHECK_FALSE(devices.at("sda").is_array);
}

TEST_CASE("A disk with partitions in several arrays lists all of them") {
  const SysfsDevices sysfs;
  for (const auto* disk : {"sda", "sdb"}) {
    sysfs.disk(disk);
    sysfs.partition(disk, std::string(disk) + "1");
    sysfs.partition(disk, std::string(disk) + "2");
  }
  sysfs.array("md1", {"sda/sda2", "sdb/sdb2"});
  sysfs.array("md0", {"sda/sda1"});
  CHECK(arrays_in(sysfs) == Arrays{{"md0", ""}, {"md1", ""}, {"sda", "md0 md1"}, {"sdb", "md1"}});
}

TEST_CASE(
    "Loop and device-mapper devices below an array are monitored, with the disks below them") {
  const SysfsDevices sysfs;
  sysfs.disk("sda");
  for (const auto* name : {"loop0", "loop1", "dm-0", "dm-1"}) sysfs.device(name);
  sysfs.put_on("dm-0", {"sda"});
  sysfs.put_on("dm-1", {"sda"});
  sysfs.array("md0", {"loop0", "dm-0"});
  CHECK(arrays_in(sysfs) == Arrays{{"dm-0", "md0"}, {"loop0", "md0"}, {"md0", ""}, {"sda", "md0"}});
}

TEST_CASE("An array that is a member of another array lists it") {
  const SysfsDevices sysfs;
  sysfs.disk("sda");
  sysfs.array("md0", {"sda"});
  sysfs.array("md1", {"md0"});
  CHECK(arrays_in(sysfs) == Arrays{{"md0", "md1"}, {"md1", ""}, {"sda", "md0 md1"}});
}

TEST_CASE("A disk belongs to the volumes of its container, not to the container") {
  const SysfsDevices sysfs;
  for (const auto* disk : {"sda", "sdb", "sdc"}) sysfs.disk(disk);
  sysfs.array("md127", {"sda", "sdb", "sdc"}, "external:imsm");
  sysfs.array("md126", {"sda"}, "external:/md127/0");
  sysfs.array("md125", {"sdb"}, "external:-md127/1");
  CHECK(arrays_in(sysfs) == Arrays{{"md125", ""},
                                   {"md126", ""},
                                   {"md127", ""},
                                   {"sda", "md126"},
                                   {"sdb", "md125"},
                                   {"sdc", ""}});
}

TEST_CASE("Hidden paths of NVMe multipath are not monitored") {
  const SysfsDevices sysfs;
  for (const auto* name : {"nvme0n1", "nvme0c0n1", "nvme0c1n1"}) sysfs.disk(name);
  sysfs.write("nvme0n1", "hidden", "0\n");
  sysfs.write("nvme0c0n1", "hidden", "1\n");
  sysfs.write("nvme0c1n1", "hidden", "1\n");
  CHECK(arrays_in(sysfs) == Arrays{{"nvme0n1", ""}});
}

TEST_CASE("Truncated metadata does not tell a volume from a container") {
  const SysfsDevices sysfs;
  sysfs.array("md126", {}, "external:/md127/0");
  const auto array = sysfs.sys() / "block/md126";
  CHECK(*read_is_container(array) == false);
  sysfs.write("md126", "md/metadata_version", "external:");
  CHECK(read_is_container(array).problem() != nullptr);
}

TEST_CASE("A device below a container that is not a disk is not monitored") {
  const SysfsDevices sysfs;
  sysfs.device("loop0");
  sysfs.array("md127", {"loop0"}, "external:ddf");
  CHECK(arrays_in(sysfs) == Arrays{{"md127", ""}});
}

TEST_CASE("An array that may be a container leaves the arrays of its own disks unknown only") {
  const SysfsDevices sysfs;
  for (const auto* disk : {"sda", "sdb"}) sysfs.disk(disk);
  sysfs.array("md0", {"sda"});
  sysfs.array("md1", {"sdb"});
  const auto devices = monitored_devices(*list_devices(sysfs.sys()), {{"md1", false}});
  CHECK_FALSE(devices.at("sda").arrays_known);
  CHECK(devices.at("sdb").arrays_known);
  CHECK(devices.at("md0").arrays_known);
}

TEST_CASE("A dangling link of a removed member is ignored") {
  const SysfsDevices sysfs;
  sysfs.disk("sda");
  sysfs.array("md0", {"sda", "sdb"});
  CHECK(arrays_in(sysfs) == Arrays{{"md0", ""}, {"sda", "md0"}});
}

TEST_CASE("A device name has a slash instead of the exclamation mark in sysfs") {
  const SysfsDevices sysfs;
  sysfs.disk("cciss!c0d0");
  sysfs.array("md0", {"cciss!c0d0"});
  CHECK(arrays_in(sysfs) == Arrays{{"cciss/c0d0", "md0"}, {"md0", ""}});
}

TEST_CASE("Without /sys/block no device is monitored") {
  const TemporaryDirectory empty;
  CHECK_FALSE(list_devices(empty.path()));
}

}  // namespace
