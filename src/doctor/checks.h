// The doctor's checks: each examines one part of the host and reports its findings, even if there
// is no problem.
//
// They may block in the kernel: timed_checks.h runs each in a TimedTask. They wake no GPU. A
// directory that cannot be listed is a ReadError.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "doctor/check_input.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/doctor/finding.h"

namespace rig {

// gpu_devices.cpp: the driver of each display controller and accelerator that the PCI core lists
// (SYS/bus/pci/devices, SYS/class/drm): amdgpu, another one, or none.
Findings check_gpu_devices(const CheckInput& input);
// gpu_kfd.cpp: whether KFD (SYS/class/kfd/kfd/topology) lists each GPU, which librocm_smi64
// requires.
Findings check_kfd(const CheckInput& input);
// With the real /sys only: whether this process may open /dev/kfd and the GPUs' render nodes.
Findings check_device_files(const CheckInput& input);
Findings check_device_files_in(const std::filesystem::path& dev, std::span<const AmdgpuCard> cards);

// gpu_readings.cpp: how the GPUs are read (librocm_smi64 or sysfs), and the state of each GPU.
Findings check_gpu_source(const CheckInput& input);
Findings check_gpu_readings(const CheckInput& input);

// raid_checks.cpp: the existing and the expected arrays.
Findings check_arrays(const CheckInput& input);

// host_checks.cpp: CPU and memory, the filesystems, the collectors and the listen addresses.
//
// Reports success if CPU and memory were read; their problems are reported by check_collectors().
Findings check_cpu_and_memory(const CheckInput& input);
Findings check_filesystems(const CheckInput& input);
// The problems of the collectors, those that timed out, and those that are disabled.
Findings check_collectors(const CheckInput& input);
// Whether this process could listen on its addresses, or whether an exporter already listens there.
// May wait for a name server and for a response.
Findings check_addresses(const CheckInput& input);

// skipped_checks.cpp: what is mounted or present and has no series.
Findings check_skipped_filesystems(const CheckInput& input);
Findings check_skipped_disks(const CheckInput& input);

// gpu_metric_list.cpp: which of the declared metrics a GPU has, and why the others are missing.
struct AbsentMetric {
  std::string name;
  std::string reason;

  bool operator==(const AbsentMetric&) const = default;
};
struct GpuMetricList {
  std::string gpu;  // the value of the label gpu: "0"
  std::string pci_address;
  std::vector<std::string> present;
  std::vector<AbsentMetric> absent;
};
std::vector<GpuMetricList> list_gpu_metrics(const CheckInput& input);

}  // namespace rig
