// Reads files that the probe does not sample but that help to investigate a bug report. The reads
// are passed to the calling thread's ReadObserver (files.h); files that are missing or cannot be
// read are skipped.
//
// Never read: pcie_bw (sleeps for a second in the driver), xgmi_error (cleared by reading),
// amdgpu_gpu_recover (resets the GPU), and anything about the processes that use a GPU.
#pragma once

#include <filesystem>

#include "rig/amdgpu/card_discovery.h"

namespace rig {

// What the kernel stores about a GPU and its PCIe ports. Reading it does not wake them.
void read_pci_extras(const AmdgpuCard& card);

// Power management, hwmon and PCIe links of a GPU that is awake, and so are its ports. Includes
// files that librocm_smi64 has problems with (pp_od_clk_voltage, pp_power_profile_mode).
void read_driver_extras(const AmdgpuCard& card);

// /sys/module/amdgpu.
void read_module(const std::filesystem::path& sys);

// /sys/class/kfd/kfd/topology, which librocm_smi64 requires. KFD keeps it in memory.
void read_kfd_topology(const std::filesystem::path& sys);

}  // namespace rig
