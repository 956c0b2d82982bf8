// /proc/pressure/{cpu,memory,io,irq}: how long tasks waited for a resource (4.20 and later; irq 6.1
// and later). Documentation/accounting/psi.rst of the kernel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

struct Pressure {
  std::optional<double> some_seconds;  // at least one task waited, since boot
  std::optional<double> full_seconds;  // no task ran, since all waited
  std::vector<std::string> senseless;  // lines that could not be read
};

Pressure parse_pressure(std::string_view text);

}  // namespace rig
