// Combines the readings of one GPU from two sources.
#pragma once

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// The reading from sysfs with the plausible values of the library in those fields for which the
// table of fields prefers it (GpuField::rocm_smi). All others are not changed: the library reports
// a rejected read of the utilization as 0.
GpuReading merged(GpuReading sysfs, const GpuReading& library);

}  // namespace rig
