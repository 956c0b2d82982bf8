#include "gpu/derived/gpu_history.h"

#include <algorithm>

#include "gpu/gpu_limits.h"
#include "rig/metrics/plausible.h"

namespace rig {
namespace {

using std::chrono::steady_clock;

constexpr int kGapIntervals = 3;
constexpr std::chrono::seconds kMinGapThreshold{3};

steady_clock::duration gap_threshold(steady_clock::duration sample_interval) {
  return std::max<steady_clock::duration>(kMinGapThreshold, kGapIntervals * sample_interval);
}

std::map<std::string, double> highest_values(const std::map<std::string, PeakWindow>& peaks) {
  std::map<std::string, double> values;
  for (const auto& [key, peak] : peaks) {
    if (const auto value = peak.highest()) values[key] = *value;
  }
  return values;
}

}  // namespace

GpuHistory::GpuHistory(Clock::duration sample_interval, Clock::duration peak_window)
    : regular_(sample_interval != kAtRequests),
      max_gap_(gap_threshold(sample_interval)),
      peak_window_(peak_window),
      energy_(max_gap_),
      throttle_(max_gap_),
      busy_(max_gap_, peak_window),
      power_peak_(peak_window) {}

void GpuHistory::add(const GpuReading& reading, Time now) {
  if (last_ && now <= *last_) return;
  last_ = now;
  busy_.add(reading, now);
  if (may_be_asleep(reading.runtime_state)) {
    interrupt();
  } else {
    add_values(reading, now);
  }
  add_peaks(reading, now);
  add_read_errors(reading);
  add_suspended(reading.suspended_seconds);
}

void GpuHistory::add_values(const GpuReading& reading, Time now) {
  energy_.add({reading.energy_joules, reading.power_watts, reading.power_cap_watts}, now);
  throttle_.add(reading, now);
  host_limited_.add(reading.limited_cycles, reading.counted_cycles, now);
}

void GpuHistory::interrupt() {
  energy_.interrupt();
  throttle_.interrupt();
  host_limited_.interrupt();
}

void GpuHistory::add_peaks(const GpuReading& reading, Time now) {
  power_peak_.expire(now);
  for (auto& [sensor, peak] : temperature_peaks_) peak.expire(now);
  std::erase_if(temperature_peaks_, [](const auto& entry) { return entry.second.size() == 0; });

  if (const double watts = reading.power_watts.value_or(-1); kAnyCount.contains(watts)) {
    power_peak_.add(watts, now);
  }
  for (const auto& [sensor, celsius] : reading.temperature_celsius) {
    add_peak(temperature_peaks_, sensor, celsius, now);
  }
}

void GpuHistory::add_peak(Peaks& peaks, const std::string& key, double value, Time now) const {
  if (auto* peak = try_emplace_limited(peaks, key, peak_window_)) peak->add(value, now);
}

void GpuHistory::add_read_errors(const GpuReading& reading) {
  for (const auto& [reason, errors] : reading.read_errors) {
    if (!kAnyCount.contains(errors)) continue;
    if (auto* total = try_emplace_limited(read_errors_, reason, 0.0)) *total += errors;
  }
}

void GpuHistory::add_suspended(std::optional<double> seconds) {
  if (!seconds || !kAnyCount.contains(*seconds)) return;
  // The kernel's counter restarts at 0 when the driver is reloaded.
  const double before = kernel_suspended_.value_or(0);
  const double increase = *seconds >= before ? *seconds - before : *seconds;
  suspended_ = suspended_.value_or(0) + increase;
  kernel_suspended_ = seconds;
}

GpuTotals GpuHistory::totals() const {
  GpuTotals totals;
  totals.host_limited_seconds = host_limited_.seconds();
  totals.read_errors = read_errors_;
  totals.suspended_seconds = suspended_;
  totals.throttled = throttle_.throttled();
  if (!regular_) return totals;
  totals.energy_joules = energy_.joules();
  totals.busy_seconds = busy_.seconds();
  totals.throttle_seconds = throttle_.seconds();
  totals.energy_source = energy_.source();
  totals.busy_suspect = busy_.suspect();
  totals.busy_believed_ratio = busy_.believed();
  totals.power_peak_watts = power_peak_.highest();
  totals.busy_peak_ratio = busy_.peaks();
  totals.temperature_peak_celsius = highest_values(temperature_peaks_);
  return totals;
}

}  // namespace rig
