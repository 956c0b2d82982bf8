#include "rig/log/log_rate_limiter.h"

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

const LogRateLimiter::Time kStart{1000h};

}  // namespace

TEST_CASE("A message is allowed once per minute") {
  LogRateLimiter limiter;
  CHECK(limiter.allow("a", kStart));
  CHECK_FALSE(limiter.allow("a", kStart + 59s));
  CHECK(limiter.allow("b", kStart + 59s));
  CHECK(limiter.allow("a", kStart + 60s));
}

TEST_CASE("The number of different messages per minute is limited, and the rest are counted") {
  LogRateLimiter limiter;
  std::size_t allowed = 0;
  for (int i = 0; i < 1000; ++i) allowed += limiter.allow(std::to_string(i), kStart) ? 1U : 0U;
  CHECK(allowed == LogRateLimiter::kMaxMessages);
  CHECK(limiter.allow("later", kStart + 61s));
  const auto later = std::chrono::steady_clock::now() + 2min;
  CHECK(limiter.take_suppressed_count(later) == 1000 - LogRateLimiter::kMaxMessages);
  CHECK(limiter.take_suppressed_count(later + 30s) == 0);
}

TEST_CASE("Messages that always differ are limited per hour") {
  LogRateLimiter limiter;
  std::size_t allowed = 0;
  for (int i = 0; i < 60 * 60; ++i)
    allowed += limiter.allow(std::to_string(i), kStart + i * 1s) ? 1U : 0U;
  CHECK(allowed == LogRateLimiter::kMaxPerHour);
  CHECK(limiter.allow("later", kStart + 1h));
}
