// The block devices whose I/O statistics are reported, and the md arrays on them, from /sys/block.
//
// These are disks (including NVMe namespaces), md arrays, and any other device below an array, such
// as a loop or device-mapper device. Partitions, optical and floppy drives, and the hidden per-path
// devices of NVMe multipath are excluded.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "rig/kernel/read_result.h"

namespace rig {

struct MonitoredDevice {
  bool is_array = false;
  // The arrays on this device or its partitions, directly or through other devices. Containers of
  // IMSM and DDF volumes are omitted: the volumes are the arrays.
  std::set<std::string> arrays;
};

// By device name: "sda", "cciss/c0d0".
using MonitoredDevices = std::map<std::string, MonitoredDevice>;

// Absent without /sys/block. No device is opened. Thread-safe.
ReadResult<MonitoredDevices> read_monitored_devices(const std::filesystem::path& sys);

}  // namespace rig
