// Parsers of amdgpu's sysfs files and related texts.
// https://docs.kernel.org/gpu/amdgpu/thermal.html
//
// The kernel ends each line with a newline. A last line without one was truncated, possibly within
// a number, and is never parsed.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace rig {

// pp_dpm_sclk, pp_dpm_mclk: one clock level per line, "1: 500Mhz *"; * marks the current one.
struct DpmTable {
  // Absent if no level is marked, which means that the clock is between two levels. Several levels
  // of the same frequency may be marked: some drivers mark each one that equals the clock.
  std::optional<double> current_hertz;
  // The smaller and the larger of the first and the last numbered level, since some tables are in
  // descending order. Levels between them are ignored: one may be the current clock, which is 0
  // while it is switched off.
  std::optional<double> min_hertz;
  std::optional<double> max_hertz;
  // True if there are 1 to 32 lines, each "INDEX: NUMBERMhz" or "INDEX: NUMBERMhz *", numbered from
  // 0, and at most one is marked. Any other format, such as the deep-sleep level "S: 19Mhz *",
  // aborts a librocm_smi64 that was built with assertions.
  bool plain = false;
};

// The kinds of memory, and their names in amdgpu's files: mem_info_vram_total, mem_info_vram_used.
struct MemoryFiles {
  std::string_view kind;
  std::string_view file;
};
inline constexpr auto kMemoryFiles =
    std::to_array<MemoryFiles>({{"vram", "vram"}, {"visible_vram", "vis_vram"}, {"gtt", "gtt"}});

// False if the last line was truncated.
bool is_complete(std::string_view text);

// std::nullopt if a line is malformed or truncated, or if levels of different frequencies are
// marked. An empty file has no level.
std::optional<DpmTable> parse_dpm_table(std::string_view text);

// The value of KEY=VALUE in a device's uevent file; empty if it is missing or its line was
// truncated.
std::string_view uevent_value(std::string_view text, std::string_view key);

// True for "0000:03:00.0" and the like.
bool is_pci_address(std::string_view text);

// unique_id in the format of rocm-smi: "0x4d2b1c0f3a5e6879". std::nullopt if it is not a
// hexadecimal number; empty if it is 0, which means that the GPU has none.
std::optional<std::string> parse_unique_id(std::string_view text);

// The value of the label "sensor" for a temperature label of hwmon; empty if it is unknown.
std::string_view temperature_sensor(std::string_view label);

// The marketing name in libdrm's amdgpu.ids ("73BF,\tC3,\tAMD Radeon RX 6800") for a device ID and
// a PCI revision in the format of sysfs ("0x73bf", "0xc3"); empty if there is none.
std::string find_marketing_name(std::string_view amdgpu_ids, std::string_view device_id,
                                std::string_view revision);

}  // namespace rig
