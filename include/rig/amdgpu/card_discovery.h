// Finds AMD GPUs: /sys/class/drm/card[0-9]+.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rig {

struct AmdgpuCard {
  std::string pci_address;       // "0000:03:00.0"
  std::string card;              // "card0"; the number may change with every boot
  std::string render;            // "renderD128"; empty: none
  std::string hwmon;             // "hwmon2"; empty: none; changes when the driver is bound again
  std::filesystem::path device;  // the directory SYS/class/drm/card0/device

  bool operator==(const AmdgpuCard&) const = default;
};

// Sorted by PCI address. Connectors (card0-DP-1), GPUs of other vendors or with a driver other than
// amdgpu, and DRM devices that are not a PCI function are skipped. Reads only files of the PCI
// core, which neither wake a suspended GPU nor wait for its driver. Throws ReadError if the
// directory cannot be read.
std::vector<AmdgpuCard> list_amdgpu_cards(const std::filesystem::path& sys);

// The version of an out-of-tree driver (/sys/module/amdgpu/version), otherwise the kernel release.
// Empty if amdgpu is not loaded or the version is unknown.
std::string amdgpu_version(const std::filesystem::path& sys, const std::filesystem::path& proc);

}  // namespace rig
