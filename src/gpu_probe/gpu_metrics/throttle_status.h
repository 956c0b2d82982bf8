// For which reasons a GPU is throttled, from the bits in its table gpu_metrics.
#pragma once

#include <string_view>

#include "gpu_probe/gpu_metrics/gpu_metrics.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// 1 for each reason for which the GPU is being throttled, 0 for the others: power current
// thermal_gpu thermal_core thermal_memory thermal_edge thermal_junction thermal_soc thermal_vr
// thermal_liquid prochot, and the kernel's ppm and fit. Some bits are stuck at 1 on some
// generations, such as thermal_junction on RDNA 3; they are returned unchanged.
//
// The bits of indep_throttle_status are the same for all GPUs. Tables without it have
// throttle_status, whose bits differ; those of Vega 12 and 20, Rembrandt, Phoenix and other APUs
// with a table 2.1 and the same firmware interface are known. Empty for others. `device_id` is that
// of PCI: "0x66af".
LabeledNumbers throttled(const GpuMetrics& metrics, std::string_view device_id);

}  // namespace rig
