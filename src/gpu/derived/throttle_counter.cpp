#include "gpu/derived/throttle_counter.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace rig {
namespace {

constexpr std::string_view kThermal = "thermal_";
constexpr double kNearLimitCelsius = 10;
constexpr double kCycleWrap = 4294967296.0;  // 2^32
// In a longer time the counters may have been reset and have grown beyond where they were.
constexpr std::chrono::minutes kLongestCycleGap{10};

bool is_count(double value) { return std::isfinite(value) && value >= 0; }

// How far a counter of 32 bits or more has come; absent when it was reset.
std::optional<double> growth(double before, double now) {
  if (now >= before) return now - before;
  const bool wrapped = before < kCycleWrap && before >= kCycleWrap / 2 && now < kCycleWrap / 2;
  return wrapped ? std::optional(now + kCycleWrap - before) : std::nullopt;
}

// How far the sensor is below its critical temperature.
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
  const double counted = reading.counted_cycles.value_or(-1);
  for (const auto& [reason, cycles] : reading.throttle_cycles) {
    if (is_count(cycles) && is_count(counted)) add_cycles(reason, {cycles, counted, now});
  }
  for (const auto& [reason, bit] : reading.throttled) {
    if (is_count(bit) && !by_cycles_.contains(reason)) add_bit(reason, bit != 0, reading, now);
  }
}

void ThrottleCounter::interrupt() {
  throttled_.clear();
  for (auto& [reason, integral] : by_bits_) integral.interrupt();
  for (auto& [reason, counter] : by_cycles_) counter.last.reset();
}

std::map<std::string, double> ThrottleCounter::seconds() const {
  std::map<std::string, double> seconds;
  for (const auto& [reason, integral] : by_bits_) seconds[reason] += integral.total();
  // A reason that had bits only, at first, goes on from there.
  for (const auto& [reason, counter] : by_cycles_) seconds[reason] += counter.seconds;
  return seconds;
}

void ThrottleCounter::add_bit(const std::string& reason, bool bit, const GpuReading& reading,
                              Clock::time_point now) {
  if (!bit) seen_off_.insert(reason);
  const auto state = believed(reason, bit, reading);
  if (!state) return;
  throttled_[reason] = *state ? 1 : 0;
  by_bits_.try_emplace(reason, longest_gap_).first->second.add(*state ? 1 : 0, now);
}

void ThrottleCounter::add_cycles(const std::string& reason, const Cycles& cycles) {
  CycleCounter& counter = by_cycles_[reason];
  const auto last = counter.last;
  if (!last || cycles.at - last->at > kLongestCycleGap) {
    counter.last = cycles;
    return;
  }
  const auto limited = growth(last->limited, cycles.limited);
  const auto counted = growth(last->counted, cycles.counted);
  if (counted && *counted == 0) return;  // the firmware has not counted since: the same reading
  counter.last = cycles;
  if (!limited || !counted) return;
  const double share = std::min(1.0, *limited / *counted);
  counter.seconds += share * std::chrono::duration<double>(cycles.at - last->at).count();
  throttled_[reason] = *limited > 0 ? 1 : 0;
}

std::optional<bool> ThrottleCounter::believed(const std::string& reason, bool bit,
                                              const GpuReading& reading) const {
  if (!bit || !reason.starts_with(kThermal)) return bit;
  if (const auto below = celsius_below_limit(reading, reason.substr(kThermal.size()))) {
    return *below <= kNearLimitCelsius;
  }
  return seen_off_.contains(reason) ? std::optional(true) : std::nullopt;
}

}  // namespace rig
