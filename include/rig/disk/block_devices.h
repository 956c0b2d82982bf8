// The devices below a block device, from sysfs (Documentation/ABI/stable/sysfs-block).
//
// A device is given by its sysfs directory or any link to it: /sys/block/NAME,
// /sys/class/block/NAME, md/dev-*/block, slaves/NAME. No device is opened. Thread-safe; does not
// block. Throws ReadError if sysfs cannot be read.
#pragma once

#include <string>
#include <vector>

namespace rig {

// The name of a device in /dev: "sda1", "cciss/c0d0" (sysfs replaces "/" with "!").
std::string device_name(const std::string& directory);

// The sysfs directories of the whole disks below a device, sorted and unique: the disk itself, the
// disk of a partition, and recursively the disks of device-mapper and md devices. Empty if the
// device does not exist.
std::vector<std::string> disks_under(const std::string& directory);

// The sysfs directories of all devices below a device, sorted and unique: the disks and everything
// in between except partitions. Does not include the device itself.
std::vector<std::string> devices_under(const std::string& directory);

// The result of disks_under(), grouped by physical disk: several entries in a group are the paths
// of a dm-multipath device, and a group is empty for such a device that has lost its last path.
using DiskPaths = std::vector<std::string>;
std::vector<DiskPaths> disk_paths_under(const std::string& directory);

}  // namespace rig
