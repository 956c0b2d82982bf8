// How a disk is, as its driver in the kernel knows it: SCSI, SATA and NVMe; of other kinds nothing
// is known.
//
// `disk` is the folder of a whole disk in sysfs, as disks_under() gives it. Nothing here sends a
// command to the disk but the read of its temperature, which therefore stands apart. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rig {

// Of a SCSI device, or of one controller of an NVMe disk.
struct DiskPortText {
  std::filesystem::path folder;
  std::optional<std::string> state;                 // "running"; NVMe: "live"
  std::optional<std::string> errors;                // SCSI: ioerr_cnt, "0x4"
  std::optional<std::string> power;                 // power/runtime_status
  std::vector<std::filesystem::path> temperatures;  // temp1_input of drivetemp, or of nvme
};

struct DiskHealthText {
  std::string kind;                   // "scsi", "nvme"; or what else the disk hangs on
  std::vector<DiskPortText> ports;    // an NVMe disk with multipath has several
  std::vector<std::string> problems;  // "PATH: Input/output error"
};

DiskHealthText read_disk_health(const std::filesystem::path& disk);

struct DiskHealth {
  std::optional<bool> online;
  // SCSI: commands that failed; some do on a healthy disk, too.
  std::optional<std::uint64_t> io_errors;
  // Which files tell its temperature; none of a disk that sleeps or is not online.
  std::vector<std::filesystem::path> temperatures;
  std::vector<std::string> problems;
};

DiskHealth parse_disk_health(const DiskHealthText& text);

// Of a disk with several paths: online while one of them is.
DiskHealth health_of_paths(std::span<const DiskHealth> paths);

// Of several disks that hold one device: online when all of them are.
DiskHealth health_of_all(std::span<const DiskHealth> disks);

// Asks the disk: it may hang, and some disks do not go to sleep while they are asked. Absent when
// the sensor has gone or says what no disk can have. Throws a ReadError like read_file().
std::optional<double> read_temperature_celsius(const std::filesystem::path& file);

}  // namespace rig
