// The energy that a GPU has used, from its energy accumulator and its power.
//
// The accumulator (energy_accumulator in gpu_metrics, in units of 2^-16 J) is exact where it works,
// also across times without samples, but it is unreliable: a 32-bit accumulator wraps at 65536 J
// (Navi 21: every 5.4 minutes at 203 W), a reload of the driver resets it, and on some GPUs it is
// always 0 (RDNA3), does not change, or decreases (MI100). Every difference is therefore checked
// against the power during the same time:
// - A decrease is a wrap if the resulting energy is at most twice what the power implies. A GPU
//   that was suspended or whose driver was reloaded restarts at 0, which is not a wrap.
// - A difference is implausible if it exceeds what the GPU can draw: 1.5 times its power cap (or
//   600 W if the cap is unknown), or 1.5 times the highest power seen.
// - After a time in which a 32-bit accumulator could have wrapped more than once at that power, the
//   difference is unknown (3.5 minutes at a cap of 203 W).
// - 0 means that there is no accumulator.
// Instead of an unusable difference, the integral of the power over the samples counts; during a
// gap there is none, and nothing is counted. An accumulator that did not change for 10 s while
// power was drawn, or had an implausible difference, is ignored for a minute and the power is used
// instead. No time is counted twice. Not thread-safe.
#pragma once

#include <chrono>
#include <optional>

#include "gpu/derived/sampled_integral.h"

namespace rig {

struct EnergySample {  // absent: not read
  std::optional<double> accumulator_joules;
  std::optional<double> power_watts;
  std::optional<double> cap_watts;
};

class EnergyCounter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit EnergyCounter(Clock::duration max_gap) : power_time_(max_gap) {}

  // `now` must increase from call to call.
  void add(const EnergySample& sample, Clock::time_point now);

  // The GPU is suspended: the time until the next sample is not counted.
  void interrupt();

  // Never decreases. Absent until there was a power or an accumulator.
  std::optional<double> joules() const { return joules_; }

 private:
  // The accumulator when all energy up to that time had been counted.
  struct Anchor {
    double joules;
    Clock::time_point at;
  };
  // The integral of the power since the anchor.
  struct PowerIntegral {
    double joules = 0;
    double seconds = 0;
  };

  void add_power(double watts, Clock::time_point now);
  std::optional<double> uncounted_joules(std::optional<double> accumulator, Clock::time_point now);
  std::optional<double> accumulator_difference(double accumulator, Clock::time_point now) const;
  double max_watts() const;
  bool is_trusted(Clock::time_point now) const { return now >= trusted_from_; }
  void distrust(Clock::time_point now);

  std::optional<double> joules_;
  std::optional<Anchor> anchor_;
  PowerIntegral power_integral_;
  SampledTime power_time_;
  std::optional<double> watts_;          // of the latest sample
  std::optional<double> highest_watts_;  // since the anchor, including the anchor's own sample
  std::optional<double> cap_watts_;
  Clock::time_point trusted_from_ = Clock::time_point::min();
};

}  // namespace rig
