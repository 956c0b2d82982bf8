// The properties of a GPU that do not change while its driver is bound: read once, kept, and
// reported even while the GPU is suspended.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpu_probe/sysfs/amdgpu_pcie.h"
#include "gpu_probe/sysfs/amdgpu_ras.h"
#include "gpu_probe/sysfs/file_history.h"
#include "gpu_probe/sysfs/pcie_aer.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// Looks up the marketing name of a GPU; empty: unknown.
using MarketingName = std::function<std::string(
    std::string_view device_id, std::string_view revision, std::string_view uevent)>;

// From files of the PCI core, which do not wake the GPU.
struct PciProperties {
  GpuIdentity identity;
  std::optional<double> numa_node;
  std::optional<SlotLink> slot;
  AerFunctions aer;
};
PciProperties read_pci_properties(const AmdgpuCard& card, const MarketingName& marketing_name,
                                  GpuReading& errors);

// From files of amdgpu, and those for which the PCI core accesses the device: only read while the
// GPU is awake.
struct DriverProperties {
  GpuReading values;                           // the fields with Refresh::once
  std::map<std::string, std::string> sensors;  // "temp1" -> "edge"
  std::map<std::string, std::string> rails;    // "in0" -> "gfx"
  std::optional<double> pwm_max;
  bool has_metrics_table = false;  // gpu_metrics exists and is not empty
  RasFiles ras_files;
  bool has_ras_events = false;  // ras/event_state exists
  bool can_read_bad_pages = false;
  std::vector<std::string> board_files;  // the names in board
  bool has_partitions = false;
};
// Completes the identity in `pci`. Read errors and problems are added to `errors`: if there are
// any, reading again may succeed.
DriverProperties read_driver_properties(const AmdgpuCard& card, PciProperties& pci,
                                        FileHistory& history, GpuReading& errors);

}  // namespace rig
