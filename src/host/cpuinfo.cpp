#include "rig/cpuinfo.h"

#include <initializer_list>

#include "rig/kernel_text.h"

namespace rig {
namespace {

// The value of the first line with one of these keys; the earlier key wins.
std::string first_value(std::string_view text, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    for (const std::string_view line : lines(text)) {
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

}  // namespace rig
