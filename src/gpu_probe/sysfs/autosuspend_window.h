// Pauses the sampling of an idle GPU, so that it can autosuspend.
//
// Each read of amdgpu's files restarts the driver's autosuspend timer, so that sampling every
// second would keep an unused GPU awake. A GPU that may autosuspend and has been idle for a while
// is therefore not read for a little longer than its autosuspend delay. If it is still active
// afterwards, something else keeps it active: it is sampled again, and the next pause comes much
// later.
// https://docs.kernel.org/power/runtime_pm.html#autosuspend-or-automatically-delayed-suspends
#pragma once

#include <chrono>
#include <optional>

namespace rig {

class AutosuspendWindow {
 public:
  using Clock = std::chrono::steady_clock;

  // A pause begins after the GPU was idle for `idle_before`, and not within `until_next` after the
  // last one.
  explicit AutosuspendWindow(Clock::duration idle_before = std::chrono::seconds(30),
                             Clock::duration until_next = std::chrono::minutes(10))
      : idle_before_(idle_before), until_next_(until_next) {}

  // After each sample. `autosuspend_delay`: std::nullopt if the GPU does not autosuspend.
  void update(bool idle, std::optional<Clock::duration> autosuspend_delay, Clock::time_point now);

  // For how much longer the GPU must not be read; 0 if it may be read.
  Clock::duration remaining(Clock::time_point now) const;

 private:
  Clock::duration idle_before_;
  Clock::duration until_next_;
  std::optional<Clock::time_point> idle_since_;
  Clock::time_point paused_until_{};
};

}  // namespace rig
