// The energy that a GPU has used, from its energy accumulator and its power.
//
// The accumulator (energy_accumulator in gpu_metrics) is exact where it works, also across times
// without samples, but it is unreliable: its unit differs, a 32-bit accumulator wraps (Navi 21 with
// a unit of 2^-16 J: every 5.4 minutes at 203 W), a reload of the driver resets it, and on some
// GPUs it is always 0 (RDNA3), does not change, or decreases. Hence these rules:
// - The accumulator counts while its unit is known, which takes a minute in which it agreed with
//   the power (accumulator_check.h). Otherwise the integral of the power over the samples counts;
//   during a gap in the samples there is none, and nothing is counted.
// - Without a power value there is nothing to compare with: the accumulator then counts in units
//   of 2^-16 J, unless it has disagreed with the power before.
// - Every difference of the accumulator is checked on its own. A difference is implausible if it
//   exceeds what the GPU can draw: 1.5 times its power cap (or 600 W if the cap is unknown), or 1.5
//   times the highest power seen. A decrease is a wrap if the resulting energy is at most twice
//   what the power implies; otherwise the accumulator has been reset. After a time in which it
//   could have wrapped more than once at that power, the difference is unknown (3.5 minutes at a
//   cap of 203 W and 2^-16 J).
// - After an unusable difference, or if the accumulator has not changed for 10 s while power was
//   drawn, its unit counts as unknown.
// - 0 means that there is no accumulator; a power that has never been above 0 is not measured.
//
// No time is counted twice. Not thread-safe.
#pragma once

#include <chrono>
#include <optional>

#include "gpu/derived/accumulator_check.h"
#include "gpu/derived/sampled_integral.h"

namespace rig {

struct EnergySample {  // absent: not read
  // In units of 2^-16 J, whatever the unit of the accumulator really is.
  std::optional<double> accumulator_joules;
  std::optional<double> power_watts;
  std::optional<double> cap_watts;
};

enum class EnergySource { accumulator, power };

class EnergyCounter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit EnergyCounter(Clock::duration max_gap)
      : max_gap_(max_gap), check_(max_gap), power_time_(max_gap) {}

  // `now` must increase from call to call.
  void add(const EnergySample& sample, Clock::time_point now);

  // The GPU is suspended: the time until the next sample is not counted.
  void interrupt();

  // Never decreases. Absent until there was a power or an accumulator.
  std::optional<double> joules() const { return joules_; }

  // What the latest sample was counted from. Absent if it has neither a power nor an accumulator
  // that can be used.
  std::optional<EnergySource> source() const { return source_; }

 private:
  // The accumulator when all energy up to that time had been counted.
  struct Anchor {
    double units;
    Clock::time_point at;
  };
  // The integral of the power since the anchor.
  struct PowerIntegral {
    double joules = 0;
    double seconds = 0;
  };

  std::optional<double> measured(std::optional<double> watts);
  void add_power(double watts, Clock::time_point now);
  std::optional<EnergySource> usable_source(std::optional<double> units,
                                            Clock::time_point now) const;
  std::optional<double> uncounted_joules(std::optional<double> units, Clock::time_point now);
  std::optional<double> accumulated_joules(std::optional<double> units, Clock::time_point now);
  std::optional<double> plausible_difference(double units, Clock::time_point now) const;
  double power_instead(std::optional<double> units, Clock::time_point now);
  void count(double joules, std::optional<double> units, Clock::time_point now);
  double max_watts() const;

  Clock::duration max_gap_;
  std::optional<double> joules_;
  std::optional<EnergySource> source_;
  AccumulatorCheck check_;
  std::optional<Anchor> anchor_;
  PowerIntegral power_integral_;
  SampledTime power_time_;
  bool measures_power_ = false;                // since the first power above 0
  std::optional<Clock::time_point> power_at_;  // of the latest sample with power
  std::optional<double> watts_;                // of the latest sample
  std::optional<double> highest_watts_;  // since the anchor, including the anchor's own sample
  std::optional<double> cap_watts_;
};

}  // namespace rig
