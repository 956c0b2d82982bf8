#include "gpu_probe/sysfs/autosuspend_window.h"

#include <algorithm>

namespace rig {

void AutosuspendWindow::sampled(bool idle, std::optional<Clock::duration> autosuspend_delay,
                                Clock::time_point now) {
  constexpr auto kMargin = std::chrono::seconds(1);  // the timer is the kernel's, and coarse
  if (!idle || !autosuspend_delay) {
    idle_since_.reset();
    return;
  }
  if (!idle_since_) idle_since_ = now;
  const bool had_its_chance =
      alone_until_ != Clock::time_point{} && now < alone_until_ + until_next_;
  if (now - *idle_since_ < idle_before_ || had_its_chance) return;
  alone_until_ = now + *autosuspend_delay + kMargin;
}

AutosuspendWindow::Clock::duration AutosuspendWindow::left_alone_for(Clock::time_point now) const {
  return std::max(alone_until_ - now, Clock::duration::zero());
}

}  // namespace rig
