// What changes from sample to sample of a card that is awake.
// https://docs.kernel.org/gpu/amdgpu/thermal.html
#pragma once

#include <string>
#include <vector>

#include "amdgpu_cards.h"
#include "amdgpu_facts.h"
#include "rig/gpu_reading.h"

namespace rig {

// Adds it all to the reading: hwmon and the files of the power management first, since they are
// finer and what rocm-smi shows; from the table gpu_metrics what only that has. Returns the clocks
// whose tables librocm_smi64 can bear (see DpmTable).
std::vector<std::string> read_sensors(const AmdgpuCard& card, const AmdgpuPciFacts& pci,
                                      const AmdgpuFacts& facts, GpuReading& reading);

}  // namespace rig
