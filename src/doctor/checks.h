// The doctor's checks: each examines one thing and reports what it found, also if all is well.
//
// They may block in the kernel: timed_checks.h runs each in a TimedTask. They wake no GPU. A
// directory that cannot be listed is a ReadError.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "doctor/check_input.h"
#include "doctor/finding.h"
#include "rig/amdgpu/card_discovery.h"

namespace rig {

// gpu_devices.cpp: the driver of each display controller and accelerator that the PCI core knows
// (SYS/bus/pci/devices, SYS/class/drm): amdgpu, another one, or none.
Findings check_gpu_devices(const CheckInput& input);
// gpu_kfd.cpp: whether KFD (SYS/class/kfd/kfd/topology) knows each GPU, which librocm_smi64 needs.
Findings check_kfd(const CheckInput& input);
// With the real /sys only: whether this process may open /dev/kfd and the GPUs' render nodes.
Findings check_device_files(const CheckInput& input);
Findings check_device_files_in(const std::filesystem::path& dev, std::span<const AmdgpuCard> cards);

// gpu_readings.cpp: what reads the GPUs, and the state of each.
Findings check_gpu_source(const CheckInput& input);
Findings check_gpu_readings(const CheckInput& input);

// raid_checks.cpp: the arrays that exist, and those that should.
Findings check_arrays(const CheckInput& input);

// host_checks.cpp
// Reports that CPU and memory are read; their problems are reported with the collectors.
Findings check_cpu_and_memory(const CheckInput& input);
Findings check_filesystems(const CheckInput& input);
// The problems of the collectors, those that timed out, and those that are disabled.
Findings check_collectors(const CheckInput& input);
// Whether this process could listen on its addresses, or an exporter answers there already. May
// wait for a name server and for a response.
Findings check_addresses(const CheckInput& input);

// gpu_metric_list.cpp: which of the declared metrics a GPU has, and why not the others.
struct AbsentMetric {
  std::string name;
  std::string reason;

  bool operator==(const AbsentMetric&) const = default;
};
struct GpuMetricList {
  std::string gpu;  // its number
  std::string pci_address;
  std::vector<std::string> present;
  std::vector<AbsentMetric> absent;
};
std::vector<GpuMetricList> list_gpu_metrics(const CheckInput& input);

}  // namespace rig
