#include "gpu/derived/energy_counter.h"

#include <algorithm>
#include <cmath>

namespace rig {
namespace {

using std::chrono::seconds;

constexpr double kWrapJoules = 65536;  // 2^32 units of 2^-16 J
// A GPU exceeds its power cap only briefly.
constexpr double kMaxCapFactor = 1.5;
constexpr double kDefaultCapWatts = 600;
constexpr double kMaxPowerFactorAtWrap = 2;
// Readings arrive with a variable delay.
constexpr double kJitterSeconds = 3;
// An accumulator that does not change for a shorter time may only have a low update rate.
constexpr double kMaxUnchangedSeconds = 10;
constexpr double kMinUnchangedJoules = 1;
constexpr seconds kDistrustTime{60};

std::optional<double> if_above(std::optional<double> value, double limit) {
  return value && std::isfinite(*value) && *value > limit ? value : std::nullopt;
}

std::optional<double> if_not_negative(std::optional<double> value) {
  return value && std::isfinite(*value) && *value >= 0 ? value : std::nullopt;
}

}  // namespace

void EnergyCounter::add(const EnergySample& sample, Clock::time_point now) {
  const auto power = if_not_negative(sample.power_watts);
  const auto accumulator = if_above(sample.accumulator_joules, 0);
  if (const auto cap = if_above(sample.cap_watts, 0)) cap_watts_ = cap;
  if (!power && !accumulator) return;
  if (!joules_) joules_ = 0;
  watts_ = power;
  if (power) add_power(*power, now);

  const auto uncounted = uncounted_joules(accumulator, now);
  if (!uncounted) return;
  *joules_ += *uncounted;
  power_integral_ = {};
  highest_watts_ = watts_;
  anchor_ = accumulator ? std::optional(Anchor{*accumulator, now}) : std::nullopt;
}

void EnergyCounter::interrupt() {
  if (joules_) *joules_ += power_integral_.joules;
  power_integral_ = {};
  power_time_.interrupt();
  anchor_.reset();
  watts_.reset();
  highest_watts_.reset();
}

void EnergyCounter::add_power(double watts, Clock::time_point now) {
  const double sampled = power_time_.sample(now);
  power_integral_.joules += watts * sampled;
  power_integral_.seconds += sampled;
  highest_watts_ = std::max(watts, highest_watts_.value_or(watts));
}

// The energy used since the anchor. Absent while it cannot be determined yet.
std::optional<double> EnergyCounter::uncounted_joules(std::optional<double> accumulator,
                                                      Clock::time_point now) {
  if (!anchor_) return power_integral_.joules;
  if (!accumulator || *accumulator == anchor_->joules) {
    const bool may_be_slow = is_trusted(now) && power_integral_.seconds < kMaxUnchangedSeconds;
    if (may_be_slow || power_integral_.joules < kMinUnchangedJoules) return std::nullopt;
    distrust(now);
    return power_integral_.joules;
  }
  const auto difference = accumulator_difference(*accumulator, now);
  if (!difference) distrust(now);
  // Without a power value, even a distrusted accumulator is the best source.
  const bool use_power = !is_trusted(now) && watts_;
  if (!difference || use_power) return power_integral_.joules;
  power_time_.sample(now);  // this time is counted, even if this sample has no power value
  return difference;
}

// Absent if the difference is implausible or ambiguous.
std::optional<double> EnergyCounter::accumulator_difference(double accumulator,
                                                            Clock::time_point now) const {
  const double elapsed = std::chrono::duration<double>(now - anchor_->at).count();
  const double max = max_watts();
  const bool may_wrap = std::max(accumulator, anchor_->joules) < kWrapJoules;
  if (may_wrap && max * elapsed >= kWrapJoules) return std::nullopt;

  const double joules = accumulator - anchor_->joules;
  if (joules >= 0) {
    return joules <= max * (elapsed + kJitterSeconds) ? std::optional(joules) : std::nullopt;
  }
  const double unwrapped = joules + kWrapJoules;
  const double expected = kMaxPowerFactorAtWrap * highest_watts_.value_or(max);
  const bool wrapped = may_wrap && unwrapped <= expected * elapsed + max * kJitterSeconds;
  return wrapped ? std::optional(unwrapped) : std::nullopt;
}

double EnergyCounter::max_watts() const {
  return kMaxCapFactor *
         std::max(cap_watts_.value_or(kDefaultCapWatts), highest_watts_.value_or(0));
}

void EnergyCounter::distrust(Clock::time_point now) { trusted_from_ = now + kDistrustTime; }

}  // namespace rig
