// What a card has used, from its accumulator and its power.
//
// The accumulator (energy_accumulator of gpu_metrics, in units of 2^-16 J) is exact where it works,
// also over times that nobody sampled. It is not to be trusted blindly: of 32 bits it wraps at
// 65536 J (Navi 21; every 5.4 minutes at 203 W), it restarts with the driver, and there are cards
// on which it is always 0 (RDNA3), stands still, or runs backwards (MI100). So every difference is
// held against the power of the same time:
// - A decrease is a wrap when the energy that it then stands for is at most twice what the power
//   says. A card that sleeps or whose driver is loaded anew restarts at 0 and is no wrap.
// - More than the card can draw is no difference: half again its cap (without a cap, of 600 W), or
//   half again the highest power that was seen.
// - Over a time in which an accumulator below 65536 J could have wrapped unseen, at that highest
//   draw, its difference says nothing (3.5 minutes at a cap of 203 W).
// - 0 is how a card says that it has no accumulator.
// Instead of a difference that is none, the integral of power over the samples counts; over a gap
// there is none, and nothing counts. An accumulator that stood still for 10 s while power was
// drawn, or gave a false difference, is not followed before it has behaved for a minute; power is
// until then. Each stretch of time is counted once, from the one or the other. Used by one thread.
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

  explicit EnergyCounter(Clock::duration longest_gap) : power_time_(longest_gap) {}

  // `now` is later than in the call before.
  void add(const EnergySample& sample, Clock::time_point now);

  // The card sleeps: nothing that comes later says anything about the time until then.
  void interrupt();

  // Only grows. Absent before there was a power or an accumulator.
  std::optional<double> joules() const { return joules_; }

 private:
  struct Anchor {  // up to here everything is counted
    double joules;
    Clock::time_point at;
  };
  struct Powered {  // by power, since everything was counted
    double joules = 0;
    double seconds = 0;
  };

  void add_power(double watts, Clock::time_point now);
  std::optional<double> uncounted(std::optional<double> accumulator, Clock::time_point now);
  std::optional<double> difference(double accumulator, Clock::time_point now) const;
  double most_watts() const;
  bool trusted(Clock::time_point now) const { return now >= trusted_from_; }
  void distrust(Clock::time_point now);

  std::optional<double> joules_;
  std::optional<Anchor> anchor_;
  Powered powered_;
  SampledTime power_time_;
  std::optional<double> watts_;          // of the latest sample
  std::optional<double> highest_watts_;  // since the anchor, that of its own sample included
  std::optional<double> cap_watts_;
  Clock::time_point trusted_from_ = Clock::time_point::min();
};

}  // namespace rig
