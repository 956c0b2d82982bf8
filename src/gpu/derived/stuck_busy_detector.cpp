#include "gpu/derived/stuck_busy_detector.h"

#include <cmath>
#include <map>
#include <string>

namespace rig {
namespace {

constexpr std::chrono::seconds kObservationTime{60};
constexpr double kBusyRatio = 0.9;
constexpr double kIdleMemoryRatio = 0.02;
// A clock from gpu_metrics may differ slightly from its DPM level.
constexpr double kClockTolerance = 1.05;
constexpr double kWorkingShareOfCap = 0.5;
constexpr double kForcedIdleShareOfCap = 0.25;

std::optional<double> value_of(const std::map<std::string, double>& values, const char* key) {
  const auto found = values.find(key);
  if (found == values.end() || !std::isfinite(found->second)) return std::nullopt;
  return found->second;
}

std::optional<double> share_of_cap(const GpuReading& reading) {
  const double power = reading.power_watts.value_or(-1);
  const double cap = reading.power_cap_watts.value_or(0);
  if (!std::isfinite(power) || power < 0 || !std::isfinite(cap) || cap <= 0) return std::nullopt;
  return power / cap;
}

bool may_force_clocks(const std::optional<std::string>& performance_level) {
  return performance_level && performance_level != "auto" && performance_level != "high";
}

bool has_own_memory(const GpuReading& reading) {
  return reading.busy_ratio.contains("memory") || reading.power_cap_watts;
}

// Whether the memory clock is at its lowest level. Absent if it is unknown or has only one level.
std::optional<bool> memory_clock_is_lowest(const GpuReading& reading) {
  const auto clock = value_of(reading.clock_hertz, "mclk");
  const auto lowest = value_of(reading.clock_min_hertz, "mclk");
  const auto highest = value_of(reading.clock_max_hertz, "mclk");
  if (!clock || !lowest) return std::nullopt;
  const double limit = *lowest * kClockTolerance;
  if (highest && *highest <= limit) return std::nullopt;
  return *clock <= limit;
}

// Whether the reading indicates both busy and idle. Absent if it lacks a required value, or if the
// values do not decide.
std::optional<bool> is_contradictory(const GpuReading& reading) {
  const auto busy = value_of(reading.busy_ratio, "gfx");
  const auto lowest_clock = memory_clock_is_lowest(reading);
  if (!busy || !lowest_clock) return std::nullopt;
  if (*busy < kBusyRatio) return false;
  if (value_of(reading.busy_ratio, "memory").value_or(0) > kIdleMemoryRatio) return false;
  if (!*lowest_clock) return has_own_memory(reading) ? std::optional(false) : std::nullopt;
  const auto share = share_of_cap(reading);
  if (may_force_clocks(reading.performance_level))
    return share ? std::optional(*share < kForcedIdleShareOfCap) : std::nullopt;
  return !share || *share < kWorkingShareOfCap;
}

}  // namespace

void StuckBusyDetector::add(const GpuReading& reading, Clock::time_point now) {
  suspect_.reset();
  const auto contradiction = is_contradictory(reading);
  const bool no_samples = latest_ && now - *latest_ > max_gap_;
  const bool no_decision = last_ && now - *last_ > max_gap_;
  latest_ = now;
  // A suspicion ends with a sample that has not the signs, not with those that do not decide.
  const bool begin_again = no_samples || (no_decision && !confirmed_);
  if (begin_again || contradiction == false) {
    since_.reset();
    confirmed_ = false;
  }
  if (!contradiction) return;
  if (*contradiction && !since_) since_ = now;
  last_ = now;
  suspect_ = since_ && now - *since_ >= kObservationTime;
  confirmed_ = confirmed_ || *suspect_;
}

void StuckBusyDetector::interrupt() {
  suspect_.reset();
  since_.reset();
  confirmed_ = false;
  latest_.reset();
  last_.reset();
}

}  // namespace rig
