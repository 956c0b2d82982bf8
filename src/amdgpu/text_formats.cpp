#include "rig/amdgpu/text_formats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kMaxPlainLevels = 32;
constexpr double kHertzPerMegahertz = 1e6;
// Drivers mark all levels near the current clock: within 1 MHz (MI100 to MI300 before Linux 7.0) or
// 25 MHz (smu_cmn.c since 7.0). Two marked levels may be twice as far from each other.
constexpr double kLargestDistanceHertz = 50e6;

// Removes the first line from the text, and returns it without its newline.
std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

struct DpmLevel {
  std::optional<std::size_t> index;
  double hertz = 0;
  bool current = false;
};

// Of a trimmed line.
std::optional<DpmLevel> parse_dpm_level(std::string_view line) {
  DpmLevel level;
  if (line.ends_with('*')) {
    level.current = true;
    line = trim(line.substr(0, line.size() - 1));
  }
  if (line.find(':') != std::string_view::npos) {
    const auto [name, value] = split_at(line, ':');
    level.index = parse_number<std::size_t>(name);
    // The current clock in deep sleep, or between the limits of a fine-grained table.
    if (!level.index && trim(name) != "S" && trim(name) != "F") return std::nullopt;
    line = trim(value);
  }
  if (!line.ends_with("Mhz") && !line.ends_with("MHz")) return std::nullopt;
  const auto megahertz = parse_number<std::uint32_t>(line.substr(0, line.size() - 3));
  if (!megahertz) return std::nullopt;
  level.hertz = *megahertz * kHertzPerMegahertz;
  return level;
}

}  // namespace

bool is_complete(std::string_view text) { return text.empty() || text.ends_with('\n'); }

std::optional<DpmTable> parse_dpm_table(std::string_view text) {
  if (!is_complete(text)) return std::nullopt;
  DpmTable table;
  std::size_t count = 0;
  std::size_t marked = 0;
  bool numbered = true;
  while (!text.empty()) {
    const auto line = trim(next_line(text));
    if (line.empty()) continue;
    const auto level = parse_dpm_level(line);
    if (!level) return std::nullopt;
    if (level->current) {
      if (!table.current_hertz) table.current_hertz = level->hertz;
      if (std::abs(*table.current_hertz - level->hertz) > kLargestDistanceHertz)
        return std::nullopt;
      ++marked;
    }
    if (level->index) {
      if (!table.min_hertz) table.min_hertz = level->hertz;
      table.max_hertz = level->hertz;
    }
    numbered = numbered && level->index == count;
    ++count;
  }
  if (table.min_hertz && *table.min_hertz > *table.max_hertz)
    std::swap(table.min_hertz, table.max_hertz);
  table.plain = numbered && count > 0 && count <= kMaxPlainLevels && marked <= 1;
  return table;
}

std::string_view uevent_value(std::string_view text, std::string_view key) {
  for (const auto line : lines(text.substr(0, text.rfind('\n') + 1))) {  // npos + 1 is 0
    const auto [name, value] = split_at(line, '=');
    if (name == key) return trim(value);
  }
  return {};
}

bool is_pci_address(std::string_view text) {
  const auto [domain, rest] = split_at(text, ':');
  const auto [bus, slot] = split_at(rest, ':');
  const auto [device, function] = split_at(slot, '.');
  const auto is_hex = [](std::string_view part) {
    return part.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  return domain.size() >= 4 && bus.size() == 2 && device.size() == 2 && function.size() == 1 &&
         is_hex(domain) && is_hex(bus) && is_hex(device) && is_hex(function);
}

std::optional<std::string> parse_unique_id(std::string_view text) {
  const auto id = parse_number<std::uint64_t>(text, 16);
  if (!id) return std::nullopt;
  if (*id == 0) return "";
  std::array<char, 18> written{'0', 'x'};
  const auto end = std::to_chars(written.begin() + 2, written.end(), *id, 16).ptr;
  return std::string(written.begin(), end);
}

std::string_view temperature_sensor(std::string_view label) {
  if (label == "mem") return "memory";
  if (label == "edge" || label == "junction") return label;
  return {};
}

std::string find_marketing_name(std::string_view amdgpu_ids, std::string_view device_id,
                                std::string_view revision) {
  const auto device = parse_number<std::uint32_t>(device_id, 16);
  const auto wanted_revision = parse_number<std::uint32_t>(revision, 16);
  if (!device || !wanted_revision) return {};
  for (const auto line : lines(amdgpu_ids)) {
    const auto [id, rest] = split_at(line, ',');
    const auto [line_revision, name] = split_at(rest, ',');
    if (parse_number<std::uint32_t>(id, 16) == device &&
        parse_number<std::uint32_t>(line_revision, 16) == wanted_revision) {
      return std::string(trim(name));
    }
  }
  return {};
}

}  // namespace rig
