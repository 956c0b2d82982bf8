// Texts of amdgpu's sysfs files.
// https://docs.kernel.org/gpu/amdgpu/thermal.html
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace rig {

// pp_dpm_sclk, pp_dpm_mclk: one clock level a line, "1: 500Mhz *"; the star marks the current one.
struct DpmTable {
  // Absent when no level is marked, which is so while the clock is between two levels.
  std::optional<double> current_hertz;
  // Lowest and highest: of the first and the last numbered level, since some tables descend, and
  // one between them may be the clock of the moment, 0 while it rests.
  std::optional<double> min_hertz;
  std::optional<double> max_hertz;
  // Each line is "INDEX: NUMBERMhz" or that with a star, numbered from 0, and at most 32 of them.
  // Any other form, such as the deep-sleep level "S: 19Mhz *", aborts a librocm_smi64 with
  // assertions.
  bool plain = false;
};

// The kinds of memory, and how amdgpu's files are called: mem_info_vram_total, mem_info_vram_used.
struct MemoryFiles {
  std::string_view kind;
  std::string_view file;
};
inline constexpr auto kMemoryFiles =
    std::to_array<MemoryFiles>({{"vram", "vram"}, {"visible_vram", "vis_vram"}, {"gtt", "gtt"}});

// Absent when a line is no clock level, or more than one is marked. An empty file has no level.
std::optional<DpmTable> parse_dpm_table(std::string_view text);

// The value of KEY=VALUE in a device's uevent file; empty when it is not there.
std::string_view uevent_value(std::string_view text, std::string_view key);

// "0000:03:00.0" and nothing else.
bool is_pci_address(std::string_view text);

// unique_id as rocm-smi writes it: "0x4d2b1c0f3a5e6879". Absent when it is no hexadecimal number,
// empty when it is 0: a card without one.
std::optional<std::string> parse_unique_id(std::string_view text);

// The metric's word for a temperature's label; empty for one that is not known.
std::string_view temperature_sensor(std::string_view label);

// The marketing name in libdrm's amdgpu.ids ("73BF,\tC3,\tAMD Radeon RX 6800") of a device id and a
// PCI revision as sysfs writes them ("0x73bf", "0xc3"); empty when it is not there.
std::string find_marketing_name(std::string_view amdgpu_ids, std::string_view device_id,
                                std::string_view revision);

}  // namespace rig
