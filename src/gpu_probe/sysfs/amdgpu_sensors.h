// The values that change from sample to sample, of a GPU that is awake.
// https://docs.kernel.org/gpu/amdgpu/thermal.html
#pragma once

#include <string>
#include <vector>

#include "gpu_probe/gpu_metrics/gpu_metrics_values.h"
#include "gpu_probe/sysfs/amdgpu_properties.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// hwmon and the files of power management: they have a finer resolution than the table gpu_metrics,
// and are what rocm-smi shows. Returns the clocks whose tables librocm_smi64 can parse (DpmTable).
std::vector<std::string> read_sensors(const AmdgpuCard& card, const DriverProperties& properties,
                                      FileHistory& history, GpuReading& reading);

// Adds what only gpu_metrics contains and what the other files lack; then the link to the slot,
// error counts and partitions.
void read_tables(const AmdgpuCard& card, const PciProperties& pci,
                 const DriverProperties& properties, FileHistory& history, GpuMetricsQuirks& quirks,
                 GpuReading& reading);

}  // namespace rig
