// Detects a gfx busy ratio that is stuck at a high value.
//
// Many GPUs with an open HIP context may report 99 % or 100 % although they are idle. What all
// reports have in common: gfx busy >= 90 % while the memory clock is at its lowest level and the
// memory activity is at most 2 % (if reported). A reading with these signs may be wrong, and after
// a minute in which every sample has them, the value is suspect.
//
// A kernel that computes without touching memory does not look like this: load normally raises the
// memory clock of a card, whatever it does. Where it may not, other values decide:
// - Power is no sign of idleness, since such GPUs draw up to 40 % of their cap (107 of 291 W on an
//   RX 7900 XTX), but above half of the cap the GPU works.
// - With a performance level other than auto or high, the memory clock may be forced to its lowest
//   level. Then the power has to be below a quarter of the cap as well.
// - A memory clock with one level only is no sign. The result is absent.
// - A display may raise the memory clock for a moment: while the memory activity is reported and
//   idle and the power is low, a raised clock ends a suspicion only with its third sample in a row.
// - The memory clock of an APU is that of the system's memory. At its lowest level nothing uses
//   memory, the GPU included; at a higher one the CPUs may use it, and the result is absent while
//   gfx is busy. Most APUs report neither memory activity nor a power cap; the cap of those that do
//   (Van Gogh) is that of the package, so that the power does not decide either.
// Not thread-safe.
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

  // Absent if the latest reading lacks gfx busy, the memory clock or its lowest level, or if these
  // do not decide.
  std::optional<bool> suspect() const { return suspect_; }

  // True if the latest samples had the signs, whether or not for a minute yet.
  bool may_be_suspect() const { return since_.has_value(); }

  // True from the first suspect sample until one that has not the signs, also while samples do not
  // decide.
  bool confirmed() const { return confirmed_; }

 private:
  Clock::duration max_gap_;
  std::optional<bool> suspect_;
  std::optional<Clock::time_point> since_;  // all samples since then have the signs
  bool confirmed_ = false;
  std::optional<Clock::time_point> latest_;  // sample
  std::optional<Clock::time_point> last_;    // the latest sample that decides
  unsigned raised_samples_ = 0;  // consecutive ones in which only the memory clock is raised
};

}  // namespace rig
