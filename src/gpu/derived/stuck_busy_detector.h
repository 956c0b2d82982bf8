// Detects a gfx busy ratio that is stuck at a high value.
//
// An RX 6800 or related GPU with an open HIP context may report 99 % although it is idle. The value
// is suspect if for a minute every sample reports gfx busy >= 90 % together with the memory clock
// at its lowest level, memory busy <= 2 % (if reported) and power below a quarter of the cap, which
// no compute load does. Example: 99 % at 96 MHz and 24-35 W of 203 W. Not thread-safe.
#pragma once

#include <chrono>
#include <optional>

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

class StuckBusyDetector {
 public:
  using Clock = std::chrono::steady_clock;

  explicit StuckBusyDetector(Clock::duration max_gap) : max_gap_(max_gap) {}

  // `now` must increase from call to call.
  void add(const GpuReading& reading, Clock::time_point now);

  // The GPU is suspended: the minute starts over.
  void interrupt();

  // Absent if the latest reading lacks gfx busy, the memory clock, its minimum, the power or the
  // power cap.
  std::optional<bool> suspect() const { return suspect_; }

 private:
  Clock::duration max_gap_;
  std::optional<bool> suspect_;
  std::optional<Clock::time_point> since_;  // all samples since then are contradictory
  std::optional<Clock::time_point> last_;   // the latest sample with all required values
};

}  // namespace rig
