// Values derived from all readings of one GPU: counters, and peaks between scrapes.
//
// Exists as long as the exporter. Restarts of the probe (a gap), removal and return of the GPU,
// reloads of the driver and suspension do not reset it. Used by the supervisor's thread; others get
// copies of the totals.
//
// Counters never decrease. They start at 0 with the first reading that has their value and are
// absent before, except that suspended_seconds starts at the kernel's value. A sample represents
// the time since the previous one (sampled_integral.h). A gap, which is longer than three sample
// intervals and longer than 3 s, adds nothing except what the GPU itself has counted: its energy
// (energy_counter.h), throttling and limits (cycle_times.h). A GPU that is suspended, suspending or
// resuming has no values; nothing is added for that time.
//
// With the sample interval 0 there are samples at scrapes only, which may be any time apart. What
// can only be derived from samples at an interval is then absent: energy, busy and throttled time,
// peaks, and whether a busy ratio can be believed. What the GPU or the kernel counts itself
// remains.
//
// Values that are not finite, or negative where they must not be, are ignored.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "gpu/derived/busy_history.h"
#include "gpu/derived/cycle_times.h"
#include "gpu/derived/energy_counter.h"
#include "gpu/derived/peak_window.h"
#include "gpu/derived/throttle_counter.h"
#include "rig/gpu_protocol/gpu_reading.h"
#include "rig/gpu_protocol/probe_defaults.h"

namespace rig {

// As of the latest reading.
struct GpuTotals {
  // Counters.
  std::optional<double> energy_joules;             // absent without accumulator and power
  std::map<std::string, double> busy_seconds;      // by engine (busy_history.h)
  std::map<std::string, double> throttle_seconds;  // by reason
  // By reason: the clock was lower than the host allowed.
  std::map<std::string, double> host_limited_seconds;
  std::map<std::string, double> read_errors;  // by reason
  // The sum over all times the driver was loaded: each reload resets the kernel's counter.
  std::optional<double> suspended_seconds;

  // State of the latest reading: 1 or 0 by reason (throttle_counter.h).
  std::map<std::string, double> throttled;
  std::optional<EnergySource> energy_source;          // energy_counter.h
  std::optional<bool> busy_suspect;                   // stuck_busy_detector.h
  std::map<std::string, double> busy_believed_ratio;  // by engine (busy_history.h)

  // The highest samples within the window that ends with the latest reading. Absent if there are
  // none.
  std::optional<double> power_peak_watts;
  std::map<std::string, double> busy_peak_ratio;           // by engine
  std::map<std::string, double> temperature_peak_celsius;  // by sensor

  bool operator==(const GpuTotals&) const = default;
};

class GpuHistory {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  explicit GpuHistory(Clock::duration sample_interval,
                      Clock::duration peak_window = kDefaultPeakWindow);

  // Adds a reading that arrived at `now`. It is dropped unless it is later than the previous one.
  void add(const GpuReading& reading, Time now);

  GpuTotals totals() const;

 private:
  using Peaks = std::map<std::string, PeakWindow>;

  void add_values(const GpuReading& reading, Time now);
  void interrupt();
  void add_peaks(const GpuReading& reading, Time now);
  void add_peak(Peaks& peaks, const std::string& key, double value, Time now) const;
  void add_read_errors(const GpuReading& reading);
  void add_suspended(std::optional<double> seconds);

  bool regular_;  // there is an interval between samples
  Clock::duration max_gap_;
  Clock::duration peak_window_;
  std::optional<Time> last_;

  EnergyCounter energy_;
  ThrottleCounter throttle_;
  CycleTimes host_limited_;
  BusyHistory busy_;
  std::map<std::string, double> read_errors_;
  std::optional<double> suspended_;         // the total
  std::optional<double> kernel_suspended_;  // the kernel's latest value
  PeakWindow power_peak_;
  Peaks temperature_peaks_;
};

}  // namespace rig
