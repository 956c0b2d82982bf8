// The PCIe link between a card and the slot it sits in.
//
// A Navi card has a PCIe switch of its own on the board: what the PCI core says of the GPU itself
// (current_link_*) is the link inside the card. The link to the slot is the one between the port of
// the slot and the first function of the card, which is the switch's where there is one.
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

// pp_dpm_pcie, "1: 8.0GT/s, x8 619Mhz *" a level: the level that is marked. Nothing is in it when
// none is; absent when a line makes no sense.
std::optional<PcieLink> parse_dpm_pcie(std::string_view text);

// "8.0 GT/s PCIe" as the PCI core writes it; absent for "Unknown" and anything else.
std::optional<double> parse_link_speed(std::string_view text);

// The two ends of the link to the slot: the port, and the card's first function.
struct SlotLink {
  std::filesystem::path port;
  std::filesystem::path card;
};

// Of a card's folder in sysfs; absent when it hangs on no port (a virtual machine). Asks the PCI
// core only: wakes nothing.
std::optional<SlotLink> slot_link(const std::filesystem::path& device);

// What both ends bear. Since Linux 6.18 the PCI core wakes a device for this, and for the next.
PcieLink best_link(const SlotLink& link, GpuReading& reading);

// What the link is now, as the PCI core says.
PcieLink present_link(const SlotLink& link, GpuReading& reading);

}  // namespace rig
