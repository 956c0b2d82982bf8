#include "app/self_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <string>
#include <utility>

#include "rig/log/log.h"
#include "rig/log/log_rate_limiter.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShortest{50};
constexpr milliseconds kLongestOverAddress{2000};
constexpr milliseconds kLongest{10'000};

milliseconds part_of(std::chrono::microseconds timeout, int divisor, milliseconds longest) {
  return std::clamp(std::chrono::floor<milliseconds>(timeout / divisor), kShortest, longest);
}

class SelfCheck {
 public:
  SelfCheck(HttpServer& server, ScrapeScheduler& scheduler,
            std::shared_ptr<const WebSecurity> security, std::chrono::microseconds timeout)
      : server_(server),
        scheduler_(scheduler),
        security_(std::move(security)),
        over_address_(part_of(timeout, 15, kLongestOverAddress)),
        directly_(part_of(timeout, 6, kLongest)) {}

  Health run() {
    if (!scheduler_works()) return {false, "the thread that runs scrapes does not respond"};
    auto health = check_an_address();
    const bool was_reachable = std::exchange(reachable_, health.healthy);
    if (health.healthy) return health;
    const auto connection = server_.connect();
    auto directly = check_own_health(connection, security_.get(), directly_);
    if (directly.healthy && was_reachable) log_unreachable(health.message);
    return directly;
  }

 private:
  bool scheduler_works() {
    const auto called = std::make_shared<std::promise<void>>();
    scheduler_.call([called] { called->set_value(); });
    return called->get_future().wait_for(directly_) == std::future_status::ready;
  }

  // The one that has responded last, or the next one.
  Health check_an_address() {
    const auto addresses = server_.addresses();
    if (addresses.empty()) return {false, "listening on no address"};
    const auto& address = addresses[next_ % addresses.size()];
    auto health = check_own_health(address, security_.get(), over_address_);
    if (!health.healthy) ++next_;
    return health;
  }

  void log_unreachable(const std::string& why) {
    const auto line = fmt::format("watchdog: the exporter works, but cannot reach itself: {}", why);
    if (limiter_.allow(line, LogRateLimiter::Time::clock::now())) log_warn(line);
  }

  HttpServer& server_;
  ScrapeScheduler& scheduler_;
  const std::shared_ptr<const WebSecurity> security_;
  const milliseconds over_address_;
  const milliseconds directly_;
  std::size_t next_ = 0;
  bool reachable_ = true;
  LogRateLimiter limiter_;
};

}  // namespace

std::function<Health()> self_check(HttpServer& server, ScrapeScheduler& scheduler,
                                   std::shared_ptr<const WebSecurity> security,
                                   std::chrono::microseconds timeout) {
  const auto check = std::make_shared<SelfCheck>(server, scheduler, std::move(security), timeout);
  return [check] { return check->run(); };
}

}  // namespace rig
