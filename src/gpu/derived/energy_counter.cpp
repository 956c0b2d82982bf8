#include "gpu/derived/energy_counter.h"

#include <algorithm>
#include <cmath>

namespace rig {
namespace {

using std::chrono::seconds;

constexpr double kWrapJoules = 65536;  // 2^32 units of 2^-16 J
// Above its cap a card goes for moments only.
constexpr double kMostOverCap = 1.5;
constexpr double kUnknownCapWatts = 600;
constexpr double kMostOverPowerAtWrap = 2;
// Lines arrive later than they were written, and not all equally late.
constexpr double kJitterSeconds = 3;
// How long it may stand still while power is drawn; it may only be slow.
constexpr double kStillSeconds = 10;
constexpr double kStillJoules = 1;
constexpr seconds kProbation{60};

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

  const auto more = uncounted(accumulator, now);
  if (!more) return;
  *joules_ += *more;
  powered_ = {};
  highest_watts_ = watts_;
  anchor_ = accumulator ? std::optional(Anchor{*accumulator, now}) : std::nullopt;
}

void EnergyCounter::interrupt() {
  if (joules_) *joules_ += powered_.joules;
  powered_ = {};
  power_time_.interrupt();
  anchor_.reset();
  watts_.reset();
  highest_watts_.reset();
}

void EnergyCounter::add_power(double watts, Clock::time_point now) {
  const double sampled = power_time_.sample(now);
  powered_.joules += watts * sampled;
  powered_.seconds += sampled;
  highest_watts_ = std::max(watts, highest_watts_.value_or(watts));
}

// What was used since everything was counted; absent while it cannot be told yet.
std::optional<double> EnergyCounter::uncounted(std::optional<double> accumulator,
                                               Clock::time_point now) {
  if (!anchor_) return powered_.joules;
  if (!accumulator || *accumulator == anchor_->joules) {
    const bool may_be_slow = trusted(now) && powered_.seconds < kStillSeconds;
    if (may_be_slow || powered_.joules < kStillJoules) return std::nullopt;
    distrust(now);
    return powered_.joules;
  }
  const auto measured = difference(*accumulator, now);
  if (!measured) distrust(now);
  // Without power there is nothing better than an accumulator on probation.
  const bool on_probation = !trusted(now) && watts_;
  if (!measured || on_probation) return powered_.joules;
  power_time_.sample(now);  // the next power stands for what follows, also when this one is missing
  return measured;
}

std::optional<double> EnergyCounter::difference(double accumulator, Clock::time_point now) const {
  const double elapsed = std::chrono::duration<double>(now - anchor_->at).count();
  const double most = most_watts();
  const bool may_wrap = std::max(accumulator, anchor_->joules) < kWrapJoules;
  if (may_wrap && most * elapsed >= kWrapJoules) return std::nullopt;

  const double joules = accumulator - anchor_->joules;
  if (joules >= 0) {
    return joules <= most * (elapsed + kJitterSeconds) ? std::optional(joules) : std::nullopt;
  }
  const double unwrapped = joules + kWrapJoules;
  const double expected = kMostOverPowerAtWrap * highest_watts_.value_or(most);
  const bool wrapped = may_wrap && unwrapped <= expected * elapsed + most * kJitterSeconds;
  return wrapped ? std::optional(unwrapped) : std::nullopt;
}

double EnergyCounter::most_watts() const {
  return kMostOverCap * std::max(cap_watts_.value_or(kUnknownCapWatts), highest_watts_.value_or(0));
}

void EnergyCounter::distrust(Clock::time_point now) { trusted_from_ = now + kProbation; }

}  // namespace rig
