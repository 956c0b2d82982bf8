#include "gpu/derived/energy_counter.h"

#include <algorithm>
#include <cmath>

namespace rig {
namespace {

constexpr double kUnitsPerJoule = 65536;          // of EnergySample::accumulator_joules
constexpr double kUsualUnitJoules = 1.0 / 65536;  // of most accumulators
// A GPU exceeds its power cap only briefly.
constexpr double kMaxCapFactor = 1.5;
constexpr double kDefaultCapWatts = 600;
constexpr double kMaxPowerFactorAtWrap = 2;
// Readings arrive with a variable delay.
constexpr double kJitterSeconds = 3;
// An accumulator that does not change for a shorter time may only have a low update rate.
constexpr double kMaxUnchangedSeconds = 10;
constexpr double kMinUnchangedJoules = 1;

std::optional<double> if_above(std::optional<double> value, double limit) {
  return value && std::isfinite(*value) && *value > limit ? value : std::nullopt;
}

std::optional<double> accumulator_units(const EnergySample& sample) {
  const auto joules = if_above(sample.accumulator_joules, 0);
  return joules ? std::optional(*joules * kUnitsPerJoule) : std::nullopt;
}

}  // namespace

void EnergyCounter::add(const EnergySample& sample, Clock::time_point now) {
  source_.reset();
  const auto units = accumulator_units(sample);
  watts_ = measured(sample.power_watts);
  if (const auto cap = if_above(sample.cap_watts, 0)) cap_watts_ = cap;
  if (!watts_ && !units) return;
  if (!joules_) joules_ = 0;
  if (watts_) add_power(*watts_, now);

  const auto least_joules = check_.add(watts_, units, *joules_, now);
  source_ = usable_source(units, now);
  if (const auto uncounted = uncounted_joules(units, now)) count(*uncounted, units, now);
  if (least_joules && *least_joules > *joules_) count(*least_joules - *joules_, units, now);
}

void EnergyCounter::interrupt() {
  if (joules_) *joules_ += power_integral_.joules;
  power_integral_ = {};
  power_time_.interrupt();
  check_.interrupt();
  source_.reset();
  anchor_.reset();
  watts_.reset();
  highest_watts_.reset();
}

std::optional<double> EnergyCounter::measured(std::optional<double> watts) {
  if (if_above(watts, 0)) measures_power_ = true;
  const bool valid = watts && std::isfinite(*watts) && *watts >= 0;
  return valid && measures_power_ ? watts : std::nullopt;
}

void EnergyCounter::add_power(double watts, Clock::time_point now) {
  const double sampled = power_time_.sample(now);
  power_integral_.joules += watts * sampled;
  power_integral_.seconds += sampled;
  power_at_ = now;
  highest_watts_ = std::max(watts, highest_watts_.value_or(watts));
}

std::optional<EnergySource> EnergyCounter::usable_source(std::optional<double> units,
                                                         Clock::time_point now) const {
  if (check_.unit_joules()) return EnergySource::accumulator;
  // A single sample without power is covered by the next one.
  if (power_at_ && now - *power_at_ <= max_gap_) return EnergySource::power;
  if (units && !check_.refuted()) return EnergySource::accumulator;
  return std::nullopt;
}

// The energy used since the anchor. Absent while it cannot be determined yet.
std::optional<double> EnergyCounter::uncounted_joules(std::optional<double> units,
                                                      Clock::time_point now) {
  if (!anchor_) return power_integral_.joules;
  if (source_ == EnergySource::accumulator) return accumulated_joules(units, now);
  return watts_ ? std::optional(power_integral_.joules) : std::nullopt;
}

std::optional<double> EnergyCounter::accumulated_joules(std::optional<double> units,
                                                        Clock::time_point now) {
  if (!units || *units == anchor_->units) {
    const bool may_be_slow = power_integral_.seconds < kMaxUnchangedSeconds;
    if (may_be_slow || power_integral_.joules < kMinUnchangedJoules) return std::nullopt;
    return power_instead(units, now);
  }
  const auto difference = plausible_difference(*units, now);
  if (!difference) return power_instead(units, now);
  power_time_.sample(now);  // this time is counted, even if this sample has no power value
  return difference;
}

double EnergyCounter::power_instead(std::optional<double> units, Clock::time_point now) {
  check_.forget();
  source_ = usable_source(units, now);
  return power_integral_.joules;
}

// What the accumulator has counted since the anchor. Absent if it is implausible or ambiguous.
std::optional<double> EnergyCounter::plausible_difference(double units,
                                                          Clock::time_point now) const {
  const double unit_joules = check_.unit_joules().value_or(kUsualUnitJoules);
  const double wrap_joules = AccumulatorCheck::kWrapUnits * unit_joules;
  const double elapsed = std::chrono::duration<double>(now - anchor_->at).count();
  const double max = max_watts();
  const bool may_wrap = std::max(units, anchor_->units) < AccumulatorCheck::kWrapUnits;
  if (may_wrap && max * elapsed >= wrap_joules) return std::nullopt;

  const double joules = (units - anchor_->units) * unit_joules;
  if (joules >= 0) {
    return joules <= max * (elapsed + kJitterSeconds) ? std::optional(joules) : std::nullopt;
  }
  const double unwrapped = joules + wrap_joules;
  const double expected = kMaxPowerFactorAtWrap * highest_watts_.value_or(max);
  const bool wrapped = may_wrap && unwrapped <= expected * elapsed + max * kJitterSeconds;
  return wrapped ? std::optional(unwrapped) : std::nullopt;
}

// Everything up to `now` has been counted then.
void EnergyCounter::count(double joules, std::optional<double> units, Clock::time_point now) {
  *joules_ += joules;
  power_integral_ = {};
  highest_watts_ = watts_;
  anchor_ = units ? std::optional(Anchor{*units, now}) : std::nullopt;
}

double EnergyCounter::max_watts() const {
  return kMaxCapFactor *
         std::max(cap_watts_.value_or(kDefaultCapWatts), highest_watts_.value_or(0));
}

}  // namespace rig
