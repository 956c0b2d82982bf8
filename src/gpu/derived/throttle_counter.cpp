#include "gpu/derived/throttle_counter.h"

#include <cmath>
#include <string_view>

#include "gpu/gpu_limits.h"
#include "rig/metrics/plausible.h"

namespace rig {
namespace {

constexpr std::string_view kThermalPrefix = "thermal_";
constexpr double kNearLimitCelsius = 10;

// How far the sensor is below its critical temperature. Absent if either is unknown.
std::optional<double> celsius_below_limit(const GpuReading& reading, const std::string& sensor) {
  const auto temperature = reading.temperature_celsius.find(sensor);
  const auto limits = reading.temperature_limit_celsius.find(sensor);
  if (temperature == reading.temperature_celsius.end()) return std::nullopt;
  if (limits == reading.temperature_limit_celsius.end()) return std::nullopt;
  const auto critical = limits->second.find("critical");
  if (critical == limits->second.end()) return std::nullopt;
  const double below = critical->second - temperature->second;
  return std::isfinite(below) ? std::optional(below) : std::nullopt;
}

}  // namespace

void ThrottleCounter::add(const GpuReading& reading, Clock::time_point now) {
  throttled_.clear();
  for (const auto& [reason, share] :
       cycle_times_.add(reading.throttle_cycles, reading.counted_cycles, now)) {
    throttled_[reason] = share > 0 ? 1 : 0;
  }
  for (const auto& [reason, bit] : reading.throttled) {
    if (kAnyCount.contains(bit) && !cycle_times_.contains(reason))
      add_bit(reason, bit != 0, reading, now);
  }
}

void ThrottleCounter::interrupt() {
  throttled_.clear();
  for (auto& [reason, integral] : bit_integrals_) integral.interrupt();
  cycle_times_.interrupt();
}

std::map<std::string, double> ThrottleCounter::seconds() const {
  std::map<std::string, double> seconds;
  for (const auto& [reason, integral] : bit_integrals_) seconds[reason] += integral.total();
  // The first readings of a reason may have had bits only; their time is included.
  for (const auto& [reason, time] : cycle_times_.seconds()) seconds[reason] += time;
  return seconds;
}

void ThrottleCounter::add_bit(const std::string& reason, bool bit, const GpuReading& reading,
                              Clock::time_point now) {
  if (!bit && seen_clear_.size() < kMaxDerivedKeys) seen_clear_.insert(reason);
  const auto state = filtered(reason, bit, reading);
  if (!state) return;
  auto* const integral = try_emplace_limited(bit_integrals_, reason, max_gap_);
  if (integral == nullptr) return;
  throttled_[reason] = *state ? 1 : 0;
  integral->add(*state ? 1 : 0, now);
}

std::optional<bool> ThrottleCounter::filtered(const std::string& reason, bool bit,
                                              const GpuReading& reading) const {
  if (!bit || !reason.starts_with(kThermalPrefix)) return bit;
  if (const auto below = celsius_below_limit(reading, reason.substr(kThermalPrefix.size()))) {
    return *below <= kNearLimitCelsius;
  }
  return seen_clear_.contains(reason) ? std::optional(true) : std::nullopt;
}

}  // namespace rig
