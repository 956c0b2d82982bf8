// Notifications from udev about graphics devices that are added, removed or changed.
//
// In a separate network namespace (a container) udev's messages do not arrive, without any error,
// and without udevd there are none. They must therefore only be used to react sooner than the next
// periodic check.
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

  // Waits until `until`, or returns true as soon as there is an event.
  bool wait(Clock::time_point until);

  // Waits until the descriptor `other` is readable, or returns true as soon as there is an event.
  bool wait_until_readable(int other);

  // Readable if there is an event. -1 if udev is not available.
  int fd() const;

 private:
  bool receive(short revents);

  std::unique_ptr<udev_monitor, udev_monitor* (*)(udev_monitor*)> monitor_;
};

}  // namespace rig
