// Graphics devices that come, go or change, as udev tells it.
//
// In another network namespace (a container) udev's messages do not arrive, without any error, and
// where there is no udevd there are none: nothing may depend on them. They only make known at once
// what the next look finds out anyway.
#pragma once

#include <chrono>
#include <memory>

struct udev_monitor;

namespace rig {

class HardwareEvents {
 public:
  using Clock = std::chrono::steady_clock;

  HardwareEvents();
  ~HardwareEvents();
  HardwareEvents(const HardwareEvents&) = delete;
  HardwareEvents& operator=(const HardwareEvents&) = delete;

  // Waits until then. True, and earlier, when something has happened.
  bool wait(Clock::time_point until);

  // Readable when something has happened; -1 where udev cannot be listened to.
  int descriptor() const;

 private:
  std::unique_ptr<udev_monitor, udev_monitor* (*)(udev_monitor*)> monitor_;
};

}  // namespace rig
