#include "gpu_probe/sysfs/autosuspend_window.h"

#include <algorithm>

namespace rig {

void AutosuspendWindow::update(bool idle, std::optional<Clock::duration> autosuspend_delay,
                               Clock::time_point now) {
  constexpr auto kMargin = std::chrono::seconds(1);  // the kernel's timer is coarse
  if (!idle || !autosuspend_delay) {
    idle_since_.reset();
    return;
  }
  if (!idle_since_) idle_since_ = now;
  const bool paused_recently =
      paused_until_ != Clock::time_point{} && now < paused_until_ + until_next_;
  if (now - *idle_since_ < idle_before_ || paused_recently) return;
  paused_until_ = now + *autosuspend_delay + kMargin;
}

AutosuspendWindow::Clock::duration AutosuspendWindow::remaining(Clock::time_point now) const {
  return std::max(paused_until_ - now, Clock::duration::zero());
}

}  // namespace rig
