// Prevents repeated messages from filling the log.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rig {

// Allows each message once per period, at most kMaxMessages different ones per period, and at most
// kMaxPerHour in an hour: messages that always differ must not fill a disk. Not thread-safe.
class LogRateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kPeriod{1};
  static constexpr std::size_t kMaxMessages = 64;
  static constexpr std::size_t kMaxPerHour = 256;

  // True if the message should be logged now.
  bool allow(std::string_view message, Time now);

  // Counts messages that were suppressed without looking at them.
  void suppress(std::size_t count) { suppressed_ += count; }

  // The number of suppressed messages since the last report. Non-zero at most once per period, so
  // that the caller can log it each time.
  std::size_t take_suppressed_count(Time now);

 private:
  std::map<std::string, Time, std::less<>> allowed_at_;
  std::optional<Time> hour_start_;
  std::size_t allowed_in_hour_ = 0;
  std::size_t suppressed_ = 0;
  Time reported_at_ = std::chrono::steady_clock::now();
};

}  // namespace rig
