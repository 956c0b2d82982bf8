// The block devices whose I/O statistics are reported, and the md arrays on them, from /sys/block.
//
// These are disks (including NVMe namespaces), md arrays, and any other device below an array, such
// as a loop or device-mapper device. Partitions, optical and floppy drives, and the hidden per-path
// devices of NVMe multipath are excluded. No device is opened.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rig/kernel/read_result.h"

namespace rig {

// The devices in /sys/block, by name: "sda", "cciss/c0d0".
struct ListedDevices {
  struct Array {
    std::string directory;
    std::vector<std::string> below;  // the devices below it, without partitions
  };
  std::set<std::string> disks;
  std::map<std::string, Array> arrays;
  std::vector<Problem> problems;  // of devices that are not listed, because they may be hidden
};

// Absent without /sys/block. Calls no driver, so that it does not hang. Thread-safe.
ReadResult<ListedDevices> list_devices(const std::string& sys);

// Whether an array is a container of IMSM or DDF volumes, from md/metadata_version. May hang.
// Absent if the array was stopped in the meantime. Thread-safe.
ReadResult<bool> read_is_container(const std::string& array);

struct MonitoredDevice {
  bool is_array = false;
  // The arrays on this device or its partitions, directly or through other devices. Containers are
  // omitted: the volumes are the arrays.
  std::set<std::string> arrays;
  // False if it is unknown whether one of the arrays on this device is a container.
  bool arrays_known = true;
};

using MonitoredDevices = std::map<std::string, MonitoredDevice>;

// `containers`: whether an array is a container, by name; unknown for those that it lacks.
MonitoredDevices monitored_devices(const ListedDevices& listed,
                                   const std::map<std::string, bool>& containers);

}  // namespace rig
