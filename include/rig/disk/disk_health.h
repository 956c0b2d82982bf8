// State, error count and temperature sensors of a disk, as reported by its kernel driver: SCSI
// (including SATA) and NVMe only.
//
// `disk` is the sysfs directory of a whole disk, as returned by disks_under(). Only
// read_temperature_celsius() sends a command to the disk. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/kernel/problem.h"
#include "rig/kernel/read_result.h"

namespace rig {

// The files of a SCSI device, or of one controller of an NVMe disk.
struct DiskPortFiles {
  std::string directory;
  std::optional<std::string> state;       // "running" (SCSI), "live" (NVMe)
  std::optional<std::string> errors;      // ioerr_cnt, "0x4"; SCSI only
  std::optional<std::string> power;       // power/runtime_status
  std::vector<std::string> temperatures;  // temp1_input of the hwmon drivetemp or nvme
};

struct DiskHealthFiles {
  std::string kind;                  // subsystem of the device: "scsi", "nvme", "virtio", ...
  std::vector<DiskPortFiles> ports;  // several for an NVMe disk with multipath
  // An NVMe disk with multipath that has lost its last controller.
  bool without_paths = false;
  std::vector<Problem> problems;
};

DiskHealthFiles read_disk_health(const std::string& disk);

struct DiskHealth {
  // Absent if the state is missing, unreadable (a problem) or unknown (a problem).
  std::optional<bool> online;
  // Failed SCSI commands; a small number is normal for a healthy disk.
  std::optional<std::uint64_t> io_errors;
  // The temperature sensors; empty for a disk that is suspended or not online.
  std::vector<std::string> temperatures;
  std::vector<Problem> problems;
};

DiskHealth parse_disk_health(const DiskHealthFiles& files);

// Combines the paths of one disk: online if any path is. Without any path it is not online.
DiskHealth health_of_paths(std::span<const DiskHealth> paths);

// Combines the disks below one device: online if all of them are. Nothing is known without disks.
DiskHealth health_of_all(std::span<const DiskHealth> disks);

// Sends a command to the disk: may hang, and may keep some disks from spinning down. Absent if the
// sensor does not exist.
ReadResult<double> read_temperature_celsius(const std::string& file);

}  // namespace rig
