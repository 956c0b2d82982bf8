// What a block device stands on, as its folder in sysfs shows it
// (Documentation/ABI/stable/sysfs-block).
//
// A device's folder is what /sys/block/NAME, /sys/class/block/NAME, md/dev-*/block or a link in
// slaves/ leads to. No device is ever opened. Any thread; sysfs links and the names that
// device-mapper gives do not block.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rig {

// "sda1", "cciss/c0d0": sysfs writes "!" for the "/" of a name.
std::string device_name(const std::filesystem::path& folder);

// The folders of the whole disks below a device, sorted, each once: itself for a disk, the disk of
// a partition, and what device-mapper and md put their own devices on, followed down to the end.
// Empty when the device is not there.
std::vector<std::filesystem::path> disks_under(const std::filesystem::path& folder);

// The folders of all devices that a device stands on, sorted, each once: those disks and whatever
// is between, partitions left out. The device itself is not among them.
std::vector<std::filesystem::path> devices_under(const std::filesystem::path& folder);

// The same disks, those together that are paths to one and the same disk, as dm-multipath says.
using DiskPaths = std::vector<std::filesystem::path>;
std::vector<DiskPaths> disk_paths_under(const std::filesystem::path& folder);

}  // namespace rig
