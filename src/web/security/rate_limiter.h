// Limits how many requests are answered per time, with a token bucket.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "rig/config/web_config.h"

namespace rig {

// May be used by any thread.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  // Takes a token. Returns how long until there is one if the bucket is empty. The bucket of
  // another limit than before is full.
  std::optional<Clock::duration> take(const WebConfig::RateLimit& limit,
                                      Clock::time_point now = Clock::now());

 private:
  std::mutex mutex_;
  WebConfig::RateLimit limit_{std::chrono::nanoseconds(0), 0};
  double tokens_ = 0;
  Clock::time_point updated_{};
};

}  // namespace rig
