// /proc/pressure/{cpu,memory,io,irq}: pressure stall information, the time tasks were stalled
// waiting for a resource (Linux 4.20 and later; irq 6.1 and later).
// Documentation/accounting/psi.rst in the kernel sources.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

struct Pressure {
  std::optional<double> some_seconds;  // at least one task was stalled; since boot
  std::optional<double> full_seconds;  // all non-idle tasks were stalled; since boot
  std::vector<std::string> malformed;  // lines that could not be parsed
};

Pressure parse_pressure(std::string_view text);

}  // namespace rig
