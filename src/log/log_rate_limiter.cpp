#include "rig/log/log_rate_limiter.h"

#include <utility>

namespace rig {

bool LogRateLimiter::passes(std::string_view message, Time now) {
  std::erase_if(passed_, [&](const auto& entry) { return now - entry.second >= kAgain; });
  if (passed_.size() >= kDistinct || passed_.contains(message)) {
    ++kept_back_;
    return false;
  }
  passed_.emplace(message, now);
  return true;
}

std::size_t LogRateLimiter::kept_back(Time now) {
  if (now - told_ < kAgain) return 0;
  told_ = now;
  return std::exchange(kept_back_, 0);
}

}  // namespace rig
