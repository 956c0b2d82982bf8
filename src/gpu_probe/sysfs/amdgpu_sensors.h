// What changes from sample to sample of a card that is awake.
// https://docs.kernel.org/gpu/amdgpu/thermal.html
#pragma once

#include <string>
#include <vector>

#include "gpu_probe/gpu_metrics/gpu_metrics_values.h"
#include "gpu_probe/sysfs/amdgpu_facts.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// hwmon and the files of the power management: they are finer than the table gpu_metrics, and what
// rocm-smi shows. Returns the clocks whose tables librocm_smi64 can bear (see DpmTable).
std::vector<std::string> read_sensors(const AmdgpuCard& card, const AmdgpuFacts& facts,
                                      GpuReading& reading);

// Adds what gpu_metrics alone has, or has where the others refused; then the link to the slot,
// error counts and partitions.
void read_tables(const AmdgpuCard& card, const AmdgpuPciFacts& pci, const AmdgpuFacts& facts,
                 GpuMetricsHabits& habits, GpuReading& reading);

}  // namespace rig
