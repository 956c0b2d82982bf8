#include "gpu/supervisor/restart_policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace rig {

ProbeLimits::Duration RestartBackoff::after_life_of(std::chrono::steady_clock::duration lived) {
  if (lived >= limits_.healthy_life) next_ = limits_.first_pause;
  const auto pause = next_;
  next_ = std::min(next_ * 2, limits_.longest_pause);
  return pause;
}

void LibraryCircuitBreaker::failed(std::string_view what, std::string_view how, Time now) {
  const bool on_trial = again_at_ && now - *again_at_ < limits_.library_window;
  if (!on_trial) count_ = 0;
  while (!failures_.empty() && now - failures_.front() > limits_.library_window) {
    failures_.pop_front();
  }
  failures_.push_back(now);
  if (!on_trial && failures_.size() < limits_.library_failures) return;
  count_ += failures_.size();
  failures_.clear();
  again_at_ = now + limits_.library_again;
  reason_ = fmt::format("{} {} times: {}", what, count_, how);
}

}  // namespace rig
