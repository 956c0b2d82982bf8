// Which AMD GPUs are there: /sys/class/drm/card[0-9]+.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rig {

struct AmdgpuCard {
  std::string pci_address;  // "0000:03:00.0"
  std::string card;         // "card0": the number may change with every boot
  std::string render;       // "renderD128"; empty when there is none
  std::string hwmon;  // "hwmon2"; empty when there is none; changes when the driver is rebound
  std::filesystem::path device;  // its folder, SYS/class/drm/card0/device

  bool operator==(const AmdgpuCard&) const = default;
};

// Sorted by PCI address. Connectors (card0-DP-1), cards of other vendors, cards whose driver is
// said to be another than amdgpu, and DRM devices that are no PCI function are left out. Reads only
// what the PCI core answers, so that no sleeping card is woken and no driver waited for.
std::vector<AmdgpuCard> list_amdgpu_cards(const std::filesystem::path& sys);

// The version of a driver that was built by itself, /sys/module/amdgpu/version; of one that came
// with the kernel that kernel's release. Empty when amdgpu is not loaded, or nobody tells.
std::string amdgpu_version(const std::filesystem::path& sys, const std::filesystem::path& proc);

}  // namespace rig
