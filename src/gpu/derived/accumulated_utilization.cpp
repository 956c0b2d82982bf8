#include "gpu/derived/accumulated_utilization.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "gpu/derived/counter_increase.h"

namespace rig {
namespace {

constexpr std::array kUtilizationUnits{1.0, 0.01};
constexpr double kUtilizationPeriodSeconds = 60;
constexpr double kLeastDecisive = 0.05;
constexpr double kAbsoluteTolerance = 0.02;
constexpr double kRelativeTolerance = 0.2;

}  // namespace

std::optional<double> AccumulatedUtilization::add(const Sample& sample) {
  const auto increased = increase(sample);
  if (!increased) return std::nullopt;
  period_.seconds += sample.seconds;
  period_.sampled += sample.ratio * sample.seconds;
  period_.accumulated += *increased * sample.seconds;
  if (period_.seconds >= kUtilizationPeriodSeconds) {
    judge();
    period_ = {};
  }
  if (!unit_) return std::nullopt;
  return std::min(1.0, *increased * *unit_);
}

// In the counter's unit.
std::optional<double> AccumulatedUtilization::increase(const Sample& sample) {
  const auto last = last_;
  if (!sample.busy_cycles || !sample.total_cycles) {
    last_.reset();
    return std::nullopt;
  }
  last_ = Counters{*sample.busy_cycles, *sample.total_cycles};
  if (!last || sample.seconds <= 0) return std::nullopt;
  const auto busy = counter_increase(last->busy, *sample.busy_cycles);
  const auto total = counter_increase(last->total, *sample.total_cycles);
  if (!busy || total.value_or(0) <= 0) return std::nullopt;
  return *busy / *total;
}

void AccumulatedUtilization::judge() {
  const double sampled = period_.sampled / period_.seconds;
  if (sampled < kLeastDecisive) return;
  const double tolerance = kAbsoluteTolerance + kRelativeTolerance * sampled;
  const auto* const agreeing = std::ranges::find_if(kUtilizationUnits, [&](double unit) {
    return std::abs(period_.accumulated / period_.seconds * unit - sampled) <= tolerance;
  });
  unit_ = agreeing != kUtilizationUnits.end() ? std::optional(*agreeing) : std::nullopt;
}

}  // namespace rig
