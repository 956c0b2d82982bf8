#include "host/cpuinfo.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "rig/kernel/text.h"

namespace rig {
namespace {

// The value of the first line with the first of `keys` that is present.
std::string first_value(std::string_view text, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    for (const std::string_view line : complete_lines(text)) {
      const Split split = split_at(line, ':');
      if (trim(split.before) == key) return std::string(trim(split.after));
    }
  }
  return {};
}

}  // namespace

CpuModel parse_cpuinfo(std::string_view text) {
  return {.model = first_value(text, {"model name", "CPU part"}),
          .vendor = first_value(text, {"vendor_id", "CPU implementer"}),
          .microcode = first_value(text, {"microcode"})};
}

bool measures_frequency(std::string_view text) {
  const std::string flags = first_value(text, {"flags"});
  return std::ranges::count(words(flags), "aperfmperf") != 0;
}

std::map<unsigned, double> parse_cpu_hertz(std::string_view text) {
  std::map<unsigned, double> hertz;
  std::optional<unsigned> cpu;
  for (const std::string_view line : complete_lines(text)) {
    const Split split = split_at(line, ':');
    const std::string_view key = trim(split.before);
    if (key == "processor") cpu = parse_number<unsigned>(split.after);
    if (key != "cpu MHz" || !cpu) continue;
    const auto megahertz = parse_number<double>(split.after);
    if (megahertz && *megahertz > 0) hertz[*cpu] = *megahertz * 1e6;
  }
  return hertz;
}

}  // namespace rig
