// Whether a card's gfx activity is to be believed.
//
// A card with an open HIP context may say 99 % for ever while it idles (RX 6800 and its kin). It
// is suspect when every sample of a minute says gfx busy >= 90 %, and at the same time that the
// memory clock is at its lowest level, the memory <= 2 % busy (where the card tells that), and
// the power below a quarter of its cap: nobody computes like that. For example 99 % at 96 MHz and
// 24-35 W of 203 W. Used by one thread.
#pragma once

#include <chrono>
#include <optional>

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

class StuckBusyDetector {
 public:
  using Clock = std::chrono::steady_clock;

  explicit StuckBusyDetector(Clock::duration longest_gap) : longest_gap_(longest_gap) {}

  // `now` is later than in the call before.
  void add(const GpuReading& reading, Clock::time_point now);

  // The card sleeps: the minute begins anew.
  void interrupt();

  // Absent when the latest reading lacks gfx busy, memory clock, its minimum, power or cap.
  std::optional<bool> suspect() const { return suspect_; }

 private:
  Clock::duration longest_gap_;
  std::optional<bool> suspect_;
  std::optional<Clock::time_point> since_;  // all samples since then contradict themselves
  std::optional<Clock::time_point> last_;   // the latest sample that said everything
};

}  // namespace rig
