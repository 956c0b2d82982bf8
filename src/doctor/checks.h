// The doctor's checks: each looks at one thing and says what it found, also when all is well.
//
// They may block for as long as the kernel likes: looks.cpp runs each in a TimedTask. What they
// read wakes no card. A folder that refuses to be listed is a ReadError.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "doctor/finding.h"
#include "doctor/seen.h"
#include "rig/amdgpu/card_discovery.h"

namespace rig {

// gpu_devices.cpp: what the kernel has made of the display functions and accelerators that the PCI
// core knows (SYS/bus/pci/devices, SYS/class/drm): driven by amdgpu, by another driver, by none.
Findings check_pci_functions(const Seen& seen);
// gpu_kfd.cpp: whether KFD (SYS/class/kfd/kfd/topology) knows each card, as librocm_smi64 wants.
Findings check_kfd(const Seen& seen);
// With the real /sys only: whether this process may open /dev/kfd and the cards' render nodes.
Findings check_device_files(const Seen& seen);
Findings check_device_files_in(const std::filesystem::path& dev, std::span<const AmdgpuCard> cards);

// gpu_answers.cpp: what reads the GPUs, and what each card said.
Findings check_gpu_source(const Seen& seen);
Findings check_gpu_answers(const Seen& seen);

// raid_checks.cpp: the arrays that are there, and those that should be.
Findings check_arrays(const Seen& seen);

// host_checks.cpp
// That CPU and memory are read, when they are: what is wrong with them their collectors say.
Findings check_cpu_and_memory(const Seen& seen);
Findings check_filesystems(const Seen& seen);
// What the collectors themselves call a problem, those that were late, and those that are off.
Findings check_collectors(const Seen& seen);
// Whether this process could listen at the addresses, or an exporter answers there already. Waits
// for a name server and for who answers.
Findings check_addresses(const Seen& seen);

// gpu_metric_list.cpp: which of the declared metrics a card has and which it has not.
struct AbsentMetric {
  std::string name;
  std::string reason;

  bool operator==(const AbsentMetric&) const = default;
};
struct CardMetrics {
  std::string gpu;  // its number
  std::string pci_address;
  std::vector<std::string> present;
  std::vector<AbsentMetric> absent;
};
std::vector<CardMetrics> list_card_metrics(const Seen& seen);

}  // namespace rig
