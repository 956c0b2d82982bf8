#include "rig/log/log_rate_limiter.h"

#include <utility>

namespace rig {

bool LogRateLimiter::allow(std::string_view message, Time now) {
  std::erase_if(allowed_at_, [&](const auto& entry) { return now - entry.second >= kPeriod; });
  if (!hour_start_ || now - *hour_start_ >= std::chrono::hours(1)) {
    hour_start_ = now;
    allowed_in_hour_ = 0;
  }
  if (allowed_at_.size() >= kMaxMessages || allowed_in_hour_ >= kMaxPerHour ||
      allowed_at_.contains(message)) {
    ++suppressed_;
    return false;
  }
  ++allowed_in_hour_;
  allowed_at_.emplace(message, now);
  return true;
}

std::size_t LogRateLimiter::take_suppressed_count(Time now) {
  if (now - reported_at_ < kPeriod) return 0;
  reported_at_ = now;
  return std::exchange(suppressed_, 0);
}

}  // namespace rig
