// Compares a GPU's energy accumulator with the integral of its power, and finds its unit.
//
// The driver passes the accumulator on as the firmware counts it, and the unit differs: 2^-16 J on
// most GPUs, 1 mJ on some Navi 21, 1 J on MI100. On others it advances at a rate that has nothing
// to do with the power. So it is compared over periods of one minute: a unit agrees if the energy
// is within a factor of 1.5 of the integral of the power, give or take 0.5 W, which is the
// resolution of the power. The unit is known as long as the latest period agreed with it. Below
// 0.75 W every unit agrees, and nothing is decided.
//
// A gap in the samples, a suspension or a decrease that is not a wrap at 2^32 starts a new period.
// Not thread-safe.
#pragma once

#include <chrono>
#include <optional>

#include "gpu/derived/sampled_integral.h"

namespace rig {

class AccumulatorCheck {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr double kWrapUnits = 4294967296;  // 2^32: where a 32-bit accumulator wraps

  explicit AccumulatorCheck(Clock::duration max_gap) : max_gap_(max_gap), power_time_(max_gap) {}

  // Adds a sample: the power and the accumulator, as far as they are known. `counted_joules` is
  // what the caller has counted so far. If the unit that the caller has used turns out to be wrong,
  // returns what it should have counted at least: the power is right for the whole period.
  std::optional<double> add(std::optional<double> watts, std::optional<double> units,
                            double counted_joules, Clock::time_point now);

  // The GPU is suspended: starts a new period with the next sample. The unit stays.
  void interrupt();

  // The accumulator has been reset or has stopped: the unit has to be found again.
  void forget();

  // The energy of one unit. Absent while it is unknown.
  std::optional<double> unit_joules() const { return unit_joules_; }

  // True if no unit agreed with the power in the latest period.
  bool refuted() const { return refuted_; }

 private:
  struct Period {
    Clock::time_point start;
    Clock::time_point latest;  // sample with power and accumulator
    double latest_units;
    double counted_at_start;
    // Since the start:
    double units = 0;
    double joules = 0;   // the integral of the power
    double seconds = 0;  // that the integral covers
  };

  static bool extend(Period& period, double units, Clock::time_point now);
  bool has_gap(const Period& period, Clock::time_point now) const;
  std::optional<double> judge(const Period& period);

  Clock::duration max_gap_;
  SampledTime power_time_;
  std::optional<Period> period_;
  std::optional<double> unit_joules_;
  bool refuted_ = false;
};

}  // namespace rig
