// One reading out of two origins.
#pragma once

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// For each value the first origin that has a plausible one: the library, then sysfs. Everything
// else (identity, state, limits, busy, problems) is as sysfs said it: for busy the library turns a
// refused read into a 0.
GpuReading merged(GpuReading sysfs, const GpuReading& library);

}  // namespace rig
