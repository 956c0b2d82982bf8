// The metrics of disks that the doctor or the history of recent values use too; the others are
// declared in src/disk/disk_collector.cpp.
#pragma once

#include "rig/metrics/metric.h"

namespace rig {

inline constexpr auto kDiskReads =
    counter("rig_disk_reads_total", Unit::none,
            "Reads completed since the disk or array was added. The label array lists the md "
            "arrays that use the device, separated by commas.",
            "device", "array");

// An array of NVMe disks reaches 1e18 within months; 2^63 sectors are more.
inline constexpr Range kPlausibleDiskBytes{0, 1e20};

inline constexpr auto kDiskReadBytes =
    counter("rig_disk_read_bytes_total", Unit::bytes, "Bytes read since the device was added.",
            "device", "array")
        .within(kPlausibleDiskBytes);
inline constexpr auto kDiskWrittenBytes =
    counter("rig_disk_written_bytes_total", Unit::bytes,
            "Bytes written since the device was added.", "device", "array")
        .within(kPlausibleDiskBytes);
inline constexpr auto kDiskIoSeconds =
    counter("rig_disk_io_seconds_total", Unit::seconds,
            "Time with at least one request in progress since the device was added; its rate is "
            "the utilization of the device. Absent for arrays before Linux 5.14.",
            "device", "array");

}  // namespace rig
