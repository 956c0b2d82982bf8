// /proc/loadavg: the average number of tasks that are running, runnable or in uninterruptible
// sleep, over the last 1, 5 and 15 minutes.
#pragma once

#include <optional>
#include <string_view>

namespace rig {

struct LoadAverage {
  double over_1m;
  double over_5m;
  double over_15m;
};

// std::nullopt if malformed: the text does not begin with three numbers, or it was truncated.
std::optional<LoadAverage> parse_loadavg(std::string_view text);

}  // namespace rig
