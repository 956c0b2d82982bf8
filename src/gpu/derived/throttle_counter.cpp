#include "gpu/derived/throttle_counter.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "gpu/gpu_limits.h"
#include "rig/metrics/plausible.h"

namespace rig {
namespace {

constexpr std::string_view kThermalPrefix = "thermal_";
constexpr double kNearLimitCelsius = 10;
constexpr double kCycleWrap = 4294967296.0;  // 2^32
// After a longer time the counters may have been reset and exceeded their previous values since.
constexpr std::chrono::minutes kMaxCycleGap{10};

// The increase of a counter of 32 or more bits. Absent if it was reset.
std::optional<double> increase(double before, double now) {
  if (now >= before) return now - before;
  const bool wrapped = before < kCycleWrap && before >= kCycleWrap / 2 && now < kCycleWrap / 2;
  return wrapped ? std::optional(now + kCycleWrap - before) : std::nullopt;
}

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
  const double total = reading.counted_cycles.value_or(-1);
  for (const auto& [reason, cycles] : reading.throttle_cycles) {
    if (kAnyCount.contains(cycles) && kAnyCount.contains(total))
      add_cycles(reason, {cycles, total, now});
  }
  for (const auto& [reason, bit] : reading.throttled) {
    if (kAnyCount.contains(bit) && !cycle_counters_.contains(reason))
      add_bit(reason, bit != 0, reading, now);
  }
}

void ThrottleCounter::interrupt() {
  throttled_.clear();
  for (auto& [reason, integral] : bit_integrals_) integral.interrupt();
  for (auto& [reason, counter] : cycle_counters_) counter.last.reset();
}

std::map<std::string, double> ThrottleCounter::seconds() const {
  std::map<std::string, double> seconds;
  for (const auto& [reason, integral] : bit_integrals_) seconds[reason] += integral.total();
  // The first readings of a reason may have had bits only; their time is included.
  for (const auto& [reason, counter] : cycle_counters_) seconds[reason] += counter.seconds;
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

void ThrottleCounter::add_cycles(const std::string& reason, const Cycles& cycles) {
  auto* const known = try_emplace_limited(cycle_counters_, reason);
  if (known == nullptr) return;
  CycleCounter& counter = *known;
  const auto last = counter.last;
  if (!last || cycles.at - last->at > kMaxCycleGap) {
    counter.last = cycles;
    return;
  }
  const auto throttled = increase(last->throttled, cycles.throttled);
  const auto total = increase(last->total, cycles.total);
  if (total && *total == 0) return;  // the firmware has not updated its counters
  counter.last = cycles;
  if (!throttled || !total) return;
  const double share = std::min(1.0, *throttled / *total);
  counter.seconds += share * std::chrono::duration<double>(cycles.at - last->at).count();
  throttled_[reason] = *throttled > 0 ? 1 : 0;
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
