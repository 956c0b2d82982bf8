#include "web/security/rate_limiter.h"

#include <algorithm>

namespace rig {

std::optional<RateLimiter::Clock::duration> RateLimiter::take(const WebConfig::RateLimit& limit,
                                                              Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (limit.interval != limit_.interval || limit.burst != limit_.burst) {
    limit_ = limit;
    tokens_ = limit.burst;
    updated_ = now;
  }
  using Tokens = std::chrono::duration<double, std::nano>;
  const double interval = Tokens(limit.interval).count();
  tokens_ = std::min<double>(limit.burst, tokens_ + Tokens(now - updated_).count() / interval);
  updated_ = now;
  if (tokens_ < 1)
    return std::chrono::duration_cast<Clock::duration>(Tokens((1 - tokens_) * interval));
  tokens_ -= 1;
  return std::nullopt;
}

}  // namespace rig
