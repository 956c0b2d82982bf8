// Gives an idle card the chance to fall asleep.
//
// Each read of amdgpu's files starts the driver's autosuspend timer anew: who reads every second
// keeps a card awake that nobody uses. So a card that may fall asleep by itself, and has done
// nothing for a while, is left alone once for as long as that takes. One that is still awake then
// is kept awake by somebody else, and is read again; the next chance comes much later.
// https://docs.kernel.org/power/runtime_pm.html#autosuspend-or-automatically-delayed-suspends
#pragma once

#include <chrono>
#include <optional>

namespace rig {

class AutosuspendWindow {
 public:
  using Clock = std::chrono::steady_clock;

  explicit AutosuspendWindow(Clock::duration idle_before = std::chrono::seconds(30),
                             Clock::duration until_next = std::chrono::minutes(10))
      : idle_before_(idle_before), until_next_(until_next) {}

  // After a sample: whether the card did nothing, and how long it waits before it falls asleep;
  // absent when it does not do so by itself.
  void sampled(bool idle, std::optional<Clock::duration> autosuspend_delay, Clock::time_point now);

  // How long it is to be left alone from now on; 0 when it is not.
  Clock::duration left_alone_for(Clock::time_point now) const;

 private:
  Clock::duration idle_before_;
  Clock::duration until_next_;
  std::optional<Clock::time_point> idle_since_;
  Clock::time_point alone_until_{};
};

}  // namespace rig
