// The metric of disks that the doctor queries too; the others are declared in
// src/disk/disk_collector.cpp.
#pragma once

#include "rig/metrics/metric.h"

namespace rig {

inline constexpr auto kDiskReads =
    counter("rig_disk_reads_total", Unit::none,
            "Reads completed since the disk or array was added. The label array lists the md "
            "arrays that use the device, separated by commas.",
            "device", "array");

}  // namespace rig
