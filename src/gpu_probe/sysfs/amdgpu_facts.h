// What does not change while a card is there: read once, kept, and shown also while it sleeps.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpu_probe/sysfs/amdgpu_pcie.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// The marketing name of a card, by PCI device id, revision, and uevent text; empty: unknown.
using MarketingName = std::function<std::string(
    std::string_view device_id, std::string_view revision, std::string_view uevent)>;

// What the PCI core remembers: reading it wakes nothing.
struct AmdgpuPciFacts {
  GpuIdentity identity;
  std::optional<double> numa_node;
  std::optional<SlotLink> slot;
};
AmdgpuPciFacts read_pci_facts(const AmdgpuCard& card, const MarketingName& marketing_name,
                              GpuReading& notes);

// What amdgpu knows, and what the PCI core asks the card itself for: only of one that is awake.
struct AmdgpuFacts {
  std::map<std::string, std::string> sensors;  // "temp1" -> "edge"; also one without a label
  std::map<std::string, std::string> rails;    // "in0" -> "gfx"
  // By sensor, then by limit.
  std::map<std::string, std::map<std::string, double>> temperature_limit_celsius;
  std::optional<double> power_cap_min_watts;
  std::optional<double> power_cap_max_watts;
  std::optional<double> power_cap_default_watts;
  std::optional<double> fan_max_rpm;
  std::optional<double> pwm_max;
  std::map<std::string, double> memory_size_bytes;
  std::map<std::string, std::string> firmware;
  PcieLink best_link;
  std::vector<std::string> ras_blocks;
  bool tells_bad_pages = false;
  bool has_partitions = false;
};
// Adds to the identity what the driver knows of it. Problems go into `notes`: what was refused once
// is worth asking again.
AmdgpuFacts read_driver_facts(const AmdgpuCard& card, AmdgpuPciFacts& pci, GpuReading& notes);

}  // namespace rig
