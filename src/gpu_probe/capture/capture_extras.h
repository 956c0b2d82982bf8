// Files that the probe does not read for a sample and that whoever looks into a strange card wants
// to see. They are read for the observer of the calling thread (see files.h); what is missing
// or refused is passed over.
//
// Never among them: pcie_bw (sleeps a second in the driver), xgmi_error (reading clears it),
// amdgpu_gpu_recover (reading resets the card), and anything of the processes that use a GPU.
#pragma once

#include <filesystem>

#include "rig/amdgpu/card_discovery.h"

namespace rig {

// What the kernel keeps of a card and of the ports above it without asking either: reading it wakes
// nothing.
void read_pci_extras(const AmdgpuCard& card);

// Of a card that is awake, and so are the ports above it: power management, hwmon, PCIe links. Some
// of it librocm_smi64 stumbles over (pp_od_clk_voltage, pp_power_profile_mode).
void read_driver_extras(const AmdgpuCard& card);

// /sys/module/amdgpu.
void read_module(const std::filesystem::path& sys);

// /sys/class/kfd/kfd/topology, without which librocm_smi64 finds no card. KFD has it in memory.
void read_kfd_topology(const std::filesystem::path& sys);

}  // namespace rig
