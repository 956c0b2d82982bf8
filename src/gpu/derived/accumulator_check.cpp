#include "gpu/derived/accumulator_check.h"

#include <algorithm>
#include <array>
#include <vector>

namespace rig {
namespace {

constexpr std::array kUnitJoules{1.0 / 65536, 0.001, 1.0};
constexpr double kPeriodSeconds = 60;
constexpr double kFactor = 1.5;
constexpr double kResolutionWatts = 0.5;

bool agrees(double accumulated_joules, double power_joules, double seconds) {
  const double resolution = kResolutionWatts * seconds;
  return accumulated_joules <= power_joules * kFactor + resolution &&
         accumulated_joules >= power_joules / kFactor - resolution;
}

}  // namespace

std::optional<double> AccumulatorCheck::add(std::optional<double> watts,
                                            std::optional<double> units, double counted_joules,
                                            Clock::time_point now) {
  if (watts) {
    const double sampled = power_time_.sample(now);
    if (period_) period_->joules += *watts * sampled;
    if (period_) period_->seconds += sampled;
  }
  if (!watts || !units) return std::nullopt;
  if (period_ && (has_gap(*period_, now) || !extend(*period_, *units, now))) period_.reset();
  std::optional<double> least_joules;
  if (period_ && period_->seconds >= kPeriodSeconds) {
    least_joules = judge(*period_);
    period_.reset();
  }
  if (!period_) period_ = Period{now, now, *units, counted_joules};
  return least_joules;
}

void AccumulatorCheck::interrupt() {
  power_time_.interrupt();
  period_.reset();
}

void AccumulatorCheck::forget() {
  unit_joules_.reset();
  refuted_ = false;
  if (!period_) return;
  // It is not used before the next period has ended, so that nothing has to be corrected then.
  period_ = Period{period_->latest, period_->latest, period_->latest_units, 0};
}

// Returns false if the accumulator has been reset.
bool AccumulatorCheck::extend(Period& period, double units, Clock::time_point now) {
  double increase = units - period.latest_units;
  if (increase < 0) {
    const bool may_wrap = period.latest_units < kWrapUnits && -increase > kWrapUnits / 2;
    if (!may_wrap) return false;
    increase += kWrapUnits;
  }
  period.units += increase;
  period.latest_units = units;
  period.latest = now;
  return true;
}

bool AccumulatorCheck::has_gap(const Period& period, Clock::time_point now) const {
  const std::chrono::duration<double> elapsed = now - period.start;
  return elapsed - std::chrono::duration<double>(period.seconds) > max_gap_;
}

std::optional<double> AccumulatorCheck::judge(const Period& period) {
  std::vector<double> agreeing;
  for (const double unit : kUnitJoules) {
    if (agrees(period.units * unit, period.joules, period.seconds)) agreeing.push_back(unit);
  }
  refuted_ = agreeing.empty();
  if (unit_joules_ && std::ranges::find(agreeing, *unit_joules_) != agreeing.end()) return {};
  const bool was_used = unit_joules_.has_value();
  unit_joules_ = agreeing.size() == 1 ? std::optional(agreeing.front()) : std::nullopt;
  return was_used ? std::optional(period.counted_at_start + period.joules) : std::nullopt;
}

}  // namespace rig
