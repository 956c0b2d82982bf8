// Converts the time since boot to Unix time, for a client that follows a history.
//
// The difference of the two clocks changes by a millisecond now and then, because clocks are
// adjusted and rounded. It would make the same point appear at two times, so that a client that
// asks for what is newer than its last point would get that point again. Therefore the difference
// is kept until the system clock is off by more than a second: somebody has set it. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "rig/live/history.h"

namespace rig {

class WallTime {
 public:
  using Milliseconds = std::chrono::milliseconds;  // since 1970, or a difference

  struct Difference {
    Milliseconds boot;          // Unix time at which the boot clock was 0
    std::uint64_t changes = 0;  // how often it has changed

    Milliseconds unix_time(BootClock::time_point time) const {
      return boot + time.time_since_epoch();
    }
    BootClock::time_point boot_time(Milliseconds unix_time) const {
      return BootClock::time_point(unix_time - boot);
    }
    bool operator==(const Difference&) const = default;
  };

  // Now.
  Difference difference();
  // At a time at which the clocks were these.
  Difference difference(BootClock::time_point boot_clock, Milliseconds system_clock);

 private:
  std::mutex mutex_;
  std::optional<Difference> kept_;
};

}  // namespace rig
