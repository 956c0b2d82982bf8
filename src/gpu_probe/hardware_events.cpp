#include "gpu_probe/hardware_events.h"

#include <libudev.h>
#include <poll.h>

#include <algorithm>
#include <array>

namespace rig {
namespace {

using Udev = std::unique_ptr<udev, udev* (*)(udev*)>;
using Device = std::unique_ptr<udev_device, udev_device* (*)(udev_device*)>;

// Null on failure.
udev_monitor* open_monitor() {
  const Udev context(udev_new(), udev_unref);
  if (!context) return nullptr;
  udev_monitor* const monitor = udev_monitor_new_from_netlink(context.get(), "udev");
  if (monitor == nullptr) return nullptr;
  if (udev_monitor_filter_add_match_subsystem_devtype(monitor, "drm", nullptr) < 0 ||
      udev_monitor_enable_receiving(monitor) < 0) {
    udev_monitor_unref(monitor);
    return nullptr;
  }
  return monitor;
}

}  // namespace

HardwareEvents::HardwareEvents() : monitor_(open_monitor(), udev_monitor_unref) {}
HardwareEvents::~HardwareEvents() = default;

int HardwareEvents::fd() const { return monitor_ ? udev_monitor_get_fd(monitor_.get()) : -1; }

bool HardwareEvents::wait(Clock::time_point until) {
  constexpr long kMaxPollMilliseconds = 3600'000;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd events{fd(), POLLIN, 0};  // poll() ignores a negative one
    if (poll(&events, 1, static_cast<int>(std::min<long>(left, kMaxPollMilliseconds))) <= 0)
      continue;
    if (receive(events.revents)) return true;
  }
}

bool HardwareEvents::wait_until_readable(int other) {
  while (true) {
    std::array<pollfd, 2> readable{pollfd{other, POLLIN, 0}, pollfd{fd(), POLLIN, 0}};
    if (poll(readable.data(), readable.size(), -1) <= 0) continue;
    if (readable[0].revents != 0) return false;
    if (receive(readable[1].revents)) return true;
  }
}

// Takes all events; returns whether there were any.
bool HardwareEvents::receive(short revents) {
  bool received = false;
  while (Device(udev_monitor_receive_device(monitor_.get()), udev_device_unref)) received = true;
  // A broken socket would be readable permanently: stop polling it.
  if (!received && (revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) monitor_.reset();
  return received;
}

}  // namespace rig
