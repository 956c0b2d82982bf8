// /proc/loadavg: how many tasks ran or waited (for a CPU, or in uninterruptible sleep), as averages
// over the last 1, 5 and 15 minutes.
#pragma once

#include <optional>
#include <string_view>

namespace rig {

struct LoadAverage {
  double over_1m;
  double over_5m;
  double over_15m;
};

// Absent when the text does not begin with three numbers.
std::optional<LoadAverage> parse_loadavg(std::string_view text);

}  // namespace rig
