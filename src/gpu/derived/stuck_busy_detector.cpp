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
// A display may raise the memory clock of an idle card for a sample or two.
constexpr unsigned kRaisedSamples = 3;

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

// The tables of APUs have the temperature of the SoC and powers of the package's parts.
bool is_apu(const GpuReading& reading) {
  return reading.temperature_celsius.contains("soc") || reading.domain_power_watts.contains("cpu");
}

bool has_own_memory(const GpuReading& reading) {
  return reading.busy_ratio.contains("memory") || (reading.power_cap_watts && !is_apu(reading));
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

enum class Evidence {
  kNone,         // the reading lacks a required value, or its values do not decide
  kIdle,         // it indicates both busy and idle
  kRaisedClock,  // only its memory clock is that of a GPU that works
  kWorks,
};

Evidence evidence_of(const GpuReading& reading) {
  const auto busy = value_of(reading.busy_ratio, "gfx");
  const auto lowest_clock = memory_clock_is_lowest(reading);
  if (!busy || !lowest_clock) return Evidence::kNone;
  const auto memory = value_of(reading.busy_ratio, "memory");
  if (*busy < kBusyRatio || memory.value_or(0) > kIdleMemoryRatio) return Evidence::kWorks;
  if (is_apu(reading)) {
    const bool idle = *lowest_clock && !may_force_clocks(reading.performance_level);
    return idle ? Evidence::kIdle : Evidence::kNone;
  }
  const auto share = share_of_cap(reading);
  const bool draws_power = share && *share >= kWorkingShareOfCap;
  if (!*lowest_clock) {
    if (!has_own_memory(reading)) return Evidence::kNone;
    return memory && !draws_power ? Evidence::kRaisedClock : Evidence::kWorks;
  }
  if (may_force_clocks(reading.performance_level)) {
    if (!share) return Evidence::kNone;
    return *share < kForcedIdleShareOfCap ? Evidence::kIdle : Evidence::kWorks;
  }
  return draws_power ? Evidence::kWorks : Evidence::kIdle;
}

}  // namespace

void StuckBusyDetector::add(const GpuReading& reading, Clock::time_point now) {
  suspect_.reset();
  const auto evidence = evidence_of(reading);
  const bool no_samples = latest_ && now - *latest_ > max_gap_;
  const bool no_decision = last_ && now - *last_ > max_gap_;
  latest_ = now;
  raised_samples_ = evidence == Evidence::kRaisedClock ? raised_samples_ + 1 : 0;
  const bool still_open =
      evidence == Evidence::kRaisedClock && since_ && raised_samples_ < kRaisedSamples;
  const bool works =
      evidence == Evidence::kWorks || (evidence == Evidence::kRaisedClock && !still_open);
  // A suspicion ends with a sample that has not the signs, not with those that do not decide.
  const bool begin_again = no_samples || (no_decision && !confirmed_);
  if (begin_again || works) {
    since_.reset();
    confirmed_ = false;
  }
  if (evidence == Evidence::kNone) return;
  last_ = now;
  if (still_open) return;
  if (evidence == Evidence::kIdle && !since_) since_ = now;
  suspect_ = since_ && now - *since_ >= kObservationTime;
  confirmed_ = confirmed_ || *suspect_;
}

void StuckBusyDetector::interrupt() {
  suspect_.reset();
  since_.reset();
  confirmed_ = false;
  latest_.reset();
  last_.reset();
  raised_samples_ = 0;
}

}  // namespace rig
