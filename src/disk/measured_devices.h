// The block devices whose reads and writes are shown, and the arrays on them, from /sys/block.
//
// These are disks (NVMe namespaces, too), md arrays, and whatever else an array stands on, such as
// a loop device or a volume of device-mapper. Partitions, CD-ROM and floppy drives, and the single
// paths that NVMe multipath hides behind a namespace, are not.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace rig {

struct MeasuredDevice {
  bool is_array = false;
  // The arrays that it holds a part of, itself or by its partitions, directly or under other
  // devices. Containers of imsm and DDF volumes do not count: the volumes are the arrays.
  std::set<std::string> arrays;
};

// By the device's name ("sda", "cciss/c0d0"). Empty when there is no /sys/block. No device is
// opened; any thread; throws a ReadError where sysfs refuses.
std::map<std::string, MeasuredDevice> read_measured_devices(const std::filesystem::path& sys);

}  // namespace rig
