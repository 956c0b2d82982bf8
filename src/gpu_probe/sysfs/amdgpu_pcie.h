// The PCIe link between a GPU and the slot of its board.
//
// A Navi board contains a PCIe switch: the link that the PCI core reports for the GPU itself
// (current_link_*) is the one inside the board. The link to the slot is that between the port of
// the slot and the first function of the board, which is the upstream port of the switch if there
// is one.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

struct PcieLink {
  std::optional<double> transfers_per_second;
  std::optional<double> lanes;

  bool operator==(const PcieLink&) const = default;
};

// pp_dpm_pcie, one level per line: "1: 8.0GT/s, x8 619Mhz *". Returns the marked level, of which
// the driver may leave out speed or lanes, an empty PcieLink if none is marked, and std::nullopt if
// a line is malformed or truncated, or if levels of different links are marked.
std::optional<PcieLink> parse_dpm_pcie(std::string_view text);

// "8.0 GT/s PCIe", the format of the PCI core; std::nullopt for "Unknown" and anything else.
std::optional<double> parse_link_speed(std::string_view text);

// The two ends of the link to the slot, as directories in sysfs.
struct SlotLink {
  std::filesystem::path port;   // of the slot
  std::filesystem::path board;  // its first function
  bool has_switch = false;      // the board has one
};

// `device` is the GPU's directory in sysfs. std::nullopt if it is not below a port (in a virtual
// machine). Only uses files of the PCI core, which do not wake the GPU.
std::optional<SlotLink> slot_link(const std::filesystem::path& device);

// The best link that both ends support. Since Linux 6.18 the PCI core wakes the device for this
// and for current_link().
PcieLink best_link(const SlotLink& link, GpuReading& reading);

// As reported by the PCI core.
PcieLink current_link(const SlotLink& link, GpuReading& reading);

}  // namespace rig
