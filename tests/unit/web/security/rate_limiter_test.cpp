#include "web/security/rate_limiter.h"

#include "support/catch.h"

namespace rig {

using namespace std::chrono_literals;

TEST_CASE("a rate limit allows a burst and then one request per interval") {
  RateLimiter limiter;
  const WebConfig::RateLimit limit{1s, 2};
  const RateLimiter::Clock::time_point start{};
  CHECK_FALSE(limiter.take(limit, start));
  CHECK_FALSE(limiter.take(limit, start));
  CHECK(limiter.take(limit, start) == 1s);
  CHECK(limiter.take(limit, start + 250ms) == 750ms);
  CHECK_FALSE(limiter.take(limit, start + 1s));
  CHECK(limiter.take(limit, start + 1s));
}

TEST_CASE("a rate limit never saves more than its burst") {
  RateLimiter limiter;
  const WebConfig::RateLimit limit{1s, 2};
  CHECK_FALSE(limiter.take(limit, {}));
  const auto later = RateLimiter::Clock::time_point{} + 1h;
  CHECK_FALSE(limiter.take(limit, later));
  CHECK_FALSE(limiter.take(limit, later));
  CHECK(limiter.take(limit, later));
}

TEST_CASE("a changed rate limit starts with its whole burst") {
  RateLimiter limiter;
  CHECK_FALSE(limiter.take({1h, 1}, {}));
  CHECK(limiter.take({1h, 1}, {}));
  CHECK_FALSE(limiter.take({1h, 2}, {}));
  CHECK_FALSE(limiter.take({1h, 2}, {}));
  CHECK(limiter.take({1h, 2}, {}));
}

}  // namespace rig
