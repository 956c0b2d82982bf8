#include "gpu/derived/stuck_busy_detector.h"

#include <cmath>
#include <map>
#include <string>

namespace rig {
namespace {

constexpr std::chrono::seconds kObservationTime{60};
constexpr double kBusyRatio = 0.9;
constexpr double kIdleMemoryRatio = 0.02;
constexpr double kIdleShareOfCap = 0.25;

std::optional<double> value_of(const std::map<std::string, double>& values, const char* key) {
  const auto found = values.find(key);
  if (found == values.end() || !std::isfinite(found->second)) return std::nullopt;
  return found->second;
}

// Whether the reading indicates both busy and idle. Absent if it lacks a required value.
std::optional<bool> is_contradictory(const GpuReading& reading) {
  const auto busy = value_of(reading.busy_ratio, "gfx");
  const auto memory_busy = value_of(reading.busy_ratio, "memory");
  const auto clock = value_of(reading.clock_hertz, "mclk");
  const auto lowest_clock = value_of(reading.clock_min_hertz, "mclk");
  const double power = reading.power_watts.value_or(-1);
  const double cap = reading.power_cap_watts.value_or(0);
  const bool power_known = std::isfinite(power) && power >= 0 && std::isfinite(cap) && cap > 0;
  if (!busy || !clock || !lowest_clock || !power_known) return std::nullopt;
  return *busy >= kBusyRatio && *clock <= *lowest_clock &&
         memory_busy.value_or(0) <= kIdleMemoryRatio && power < kIdleShareOfCap * cap;
}

}  // namespace

void StuckBusyDetector::add(const GpuReading& reading, Clock::time_point now) {
  suspect_.reset();
  const auto contradiction = is_contradictory(reading);
  if (!contradiction) return;
  const bool gap = last_ && now - *last_ > max_gap_;
  if (!*contradiction || gap) since_.reset();
  if (*contradiction && !since_) since_ = now;
  last_ = now;
  suspect_ = since_ && now - *since_ >= kObservationTime;
}

void StuckBusyDetector::interrupt() {
  suspect_.reset();
  since_.reset();
  last_.reset();
}

}  // namespace rig
