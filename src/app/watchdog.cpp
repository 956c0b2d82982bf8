#include "app/watchdog.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "rig/log/log.h"

namespace rig {
namespace {

// However short the timeout is.
constexpr std::chrono::milliseconds kShortestPause{10};

Health guarded_check(const std::function<Health()>& check) {
  try {
    return check();
  } catch (const std::exception& error) {  // out of memory or descriptors
    return {false, error.what()};
  }
}

}  // namespace

Watchdog::Watchdog(Clock::duration timeout, std::function<Health()> check,
                   std::function<bool()> report, std::function<Clock::time_point()> now)
    : timeout_(timeout),
      check_(std::move(check)),
      report_(std::move(report)),
      now_(std::move(now)),
      next_(now_()) {}

Watchdog::Clock::time_point Watchdog::run() {
  const auto start = now_();
  if (start < next_) return next_;
  const auto health = guarded_check(check_);
  log_change(health);
  const bool reported = health.healthy && report_();
  const auto end = now_();
  const Clock::duration shortest = kShortestPause;
  next_ = reported ? std::max(start + timeout_ / 2, end + shortest)
                   : end + std::max(timeout_ / 10, shortest);
  return next_;
}

void Watchdog::log_change(const Health& health) {
  if (std::exchange(healthy_, health.healthy) == health.healthy) return;
  if (health.healthy) {
    log_info("watchdog: the exporter works again");
  } else {
    log_error(
        fmt::format("watchdog: the exporter does not work, and is restarted by the service "
                    "manager if that lasts: {}",
                    health.message));
  }
}

}  // namespace rig
