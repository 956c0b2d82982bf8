#include "gpu/supervisor/restart_policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace rig {

ProbeLimits::Duration RestartBackoff::next_delay(std::chrono::steady_clock::duration uptime) {
  if (uptime >= limits_.healthy_uptime) next_ = limits_.min_backoff;
  const auto delay = next_;
  next_ = std::min(next_ * 2, limits_.max_backoff);
  return delay;
}

void LibraryCircuitBreaker::record_failure(std::string_view kind, std::string_view detail,
                                           Time now) {
  const bool retrying = retry_at_ && now - *retry_at_ < limits_.library_failure_window;
  if (!retrying) failure_count_ = 0;
  while (!failures_.empty() && now - failures_.front() > limits_.library_failure_window) {
    failures_.pop_front();
  }
  failures_.push_back(now);
  if (!retrying && failures_.size() < limits_.max_library_failures) return;
  failure_count_ += failures_.size();
  failures_.clear();
  retry_at_ = now + limits_.library_retry_after;
  reason_ = fmt::format("{} {} times: {}", kind, failure_count_, detail);
}

}  // namespace rig
