#include "rig/live/wall_time.h"

namespace rig {
namespace {

constexpr std::chrono::seconds kTolerance{1};

}  // namespace

WallTime::Difference WallTime::difference() {
  const auto system = std::chrono::system_clock::now().time_since_epoch();
  return difference(BootClock::now(), std::chrono::duration_cast<Milliseconds>(system));
}

WallTime::Difference WallTime::difference(BootClock::time_point boot_clock,
                                          Milliseconds system_clock) {
  const Milliseconds boot = system_clock - boot_clock.time_since_epoch();
  const std::lock_guard lock(mutex_);
  if (!kept_) {
    kept_ = Difference{boot, 0};
  } else if (std::chrono::abs(boot - kept_->boot) > kTolerance) {
    kept_ = Difference{boot, kept_->changes + 1};
  }
  return *kept_;
}

}  // namespace rig
