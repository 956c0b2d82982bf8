// Limits how many lines the log has.
#pragma once

#include <chrono>
#include <optional>

#include "rig/log/log.h"

namespace rig {

// Allows kBurst lines at once and kPerSecond on average. Debug messages leave some of them to the
// others. What is logged repeatedly has limits of its own (ProblemLog, LogRateLimiter); this one is
// for everything else, such as errors that clients can provoke. Not thread-safe.
class LogRate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr double kBurst = 1000;
  static constexpr double kPerSecond = 1;
  static constexpr double kNotForDebug = 200;

  // True if a line may be written now.
  bool allow(LogLevel level, Time now);

 private:
  double left_ = kBurst;
  std::optional<Time> updated_at_;
};

}  // namespace rig
