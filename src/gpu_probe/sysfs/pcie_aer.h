// Counters of PCIe Advanced Error Reporting: aer_dev_correctable, aer_dev_nonfatal and
// aer_dev_fatal of a PCI function. The PCI core keeps them in memory: reading them does not wake a
// device. https://docs.kernel.org/PCI/pcieaer-howto.html
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "gpu_probe/sysfs/amdgpu_pcie.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// The functions that count errors; empty where the kernel does not handle AER.
struct AerFunctions {
  std::vector<std::filesystem::path> device;    // the GPU, and the switch on its board
  std::vector<std::filesystem::path> upstream;  // the port of the slot
};
AerFunctions aer_functions(const std::filesystem::path& device,
                           const std::optional<SlotLink>& slot);

// The line "TOTAL_ERR_COR 3" and the like after those of each kind of error; std::nullopt if there
// is none, or if it was truncated.
std::optional<double> parse_aer_total(std::string_view text);

// Sets reading.pcie_aer_errors.
void read_aer(const AerFunctions& functions, GpuReading& reading);

}  // namespace rig
