#include "gpu_probe/sysfs/amdgpu_pcie.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "gpu_probe/sysfs/field_reader.h"
#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "rig/metrics/plausible.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr double kTransfersPerGiga = 1e9;
constexpr std::string_view kAmdGraphics = "0x1002";
constexpr std::string_view kAmd = "0x1022";
// The switch on boards with a Vega 10 has the vendor of AMD's chipsets.
constexpr auto kVega10Switch = std::to_array<std::string_view>({"0x1470", "0x1471"});

// A speed or a number of lanes that the driver has no name for is left out: "2:  x16 1075Mhz *" for
// 32 GT/s (smu_v14_0_2 at first).
std::optional<PcieLink> parse_level(std::string_view level) {
  constexpr std::string_view kSpeedUnit = "GT/s,";
  constexpr std::string_view kClockUnit = "Mhz";
  PcieLink link;
  for (std::string_view word : words(level)) {
    if (word.ends_with(kSpeedUnit)) {
      word.remove_suffix(kSpeedUnit.size());
      const auto giga = parse_number<double>(word);
      if (!giga) return std::nullopt;
      link.transfers_per_second = *giga * kTransfersPerGiga;
    } else if (word.starts_with('x')) {
      const auto lanes = parse_number<unsigned>(word.substr(1));
      if (!lanes) return std::nullopt;
      link.lanes = *lanes;
    } else if (!word.ends_with(kClockUnit)) {
      return std::nullopt;
    }
  }
  return link == PcieLink{} ? std::nullopt : std::optional(link);
}

// The PCI core prints 255 for an unknown width, and 63 (all ones of the register) for a device that
// does not answer.
std::optional<double> read_lanes(FieldReader& files, const std::string& name) {
  constexpr double kUnknown = 255;
  constexpr double kAllOnes = 63;
  const auto lanes = files.number(name, 1, {0, kUnknown});
  if (lanes == kUnknown || lanes == kAllOnes) return std::nullopt;
  return files.plausible(name, lanes, {0, kPlausibleLanes.highest});
}

PcieLink read_link(const fs::path& function, const std::string& which, GpuReading& reading) {
  FieldReader files(function, reading);
  const std::string speed_file = which + "_link_speed";
  const auto speed = parse_link_speed(files.text(speed_file).value_or(""));
  return {files.plausible(speed_file, speed, kPlausibleTransfers),
          read_lanes(files, which + "_link_width")};
}

// Zero lanes: no link, or unknown.
std::optional<double> lesser(std::optional<double> a, std::optional<double> b) {
  if (!a || *a == 0) return b && *b > 0 ? b : std::nullopt;
  if (!b || *b == 0) return a;
  return std::min(*a, *b);
}

bool is_amd_port(const fs::path& port) {
  GpuReading ignored;
  FieldReader files(port, ignored);
  if (!files.text("class").value_or("").starts_with("0x0604")) return false;
  const auto vendor = files.text("vendor");
  if (vendor == kAmdGraphics) return true;
  return vendor == kAmd &&
         std::ranges::find(kVega10Switch, files.text("device").value_or("")) != kVega10Switch.end();
}

bool is_pci_function(const fs::path& path) { return is_pci_address(path.filename().string()); }

}  // namespace

std::optional<PcieLink> parse_dpm_pcie(std::string_view text) {
  if (!is_complete(text)) return std::nullopt;
  PcieLink current;
  for (const auto line : lines(text)) {
    std::string_view level = trim(split_at(line, ':').after);
    if (trim(line).empty()) continue;
    const bool marked = level.ends_with('*');
    if (marked) level.remove_suffix(1);
    const auto link = parse_level(level);
    if (!link || (marked && current != PcieLink{} && current != *link)) return std::nullopt;
    if (marked) current = *link;
  }
  return current;
}

std::optional<double> parse_link_speed(std::string_view text) {
  const auto parts = words(trim(text));
  if (parts.size() < 2 || parts[1] != "GT/s") return std::nullopt;
  const auto giga = parse_number<double>(parts[0]);
  if (!giga) return std::nullopt;
  return *giga * kTransfersPerGiga;
}

// The slot of an AMD mainboard has an AMD port, too. It differs from the switch on a GPU's board in
// its position: a root port is below the host bridge, which is not a PCI function. A switch has two
// ports, so the board has one only if both are AMD's.
std::optional<SlotLink> slot_link(const fs::path& device) {
  const fs::path gpu = real_path(device).value_or(fs::path());
  if (!is_pci_function(gpu.parent_path())) return std::nullopt;
  const fs::path lower = gpu.parent_path();
  const fs::path upper = lower.parent_path();
  const bool has_switch = is_pci_function(upper) && is_pci_function(upper.parent_path()) &&
                          is_amd_port(lower) && is_amd_port(upper);
  const fs::path board = has_switch ? upper : gpu;
  return SlotLink{board.parent_path(), board, has_switch};
}

PcieLink best_link(const SlotLink& link, GpuReading& reading) {
  const std::size_t problems = reading.problems.size();
  const PcieLink port = read_link(link.port, "max", reading);
  const PcieLink board = read_link(link.board, "max", reading);
  // The link is not better than the end that could not be read.
  if (reading.problems.size() > problems) return {};
  return {lesser(port.transfers_per_second, board.transfers_per_second),
          lesser(port.lanes, board.lanes)};
}

PcieLink current_link(const SlotLink& link, GpuReading& reading) {
  PcieLink current = read_link(link.board, "current", reading);
  if (current.lanes == 0.0) current.lanes.reset();
  return current;
}

}  // namespace rig
