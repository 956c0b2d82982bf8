// What the samples of one card add up to: true counters, and peaks that fall between scrapes.
//
// Lives as long as the exporter, beyond restarts of the probe (a gap), a card that vanished and
// came back, a driver that was loaded anew, and a card that slept. Used by one thread, the one that
// hears the probe; others get copies of the totals.
//
// Counters only grow. They begin at 0 with the first reading that has their value, and are absent
// before; only suspended_seconds begins where the kernel's stands. A sample stands for the time
// since the sample before it (sampled_integral.h). A gap, longer than three sample intervals and
// than 3 s, adds nothing that was not measured: only counters of the card itself, that of energy
// (energy_counter.h) and those of throttling (throttle_counter.h), reach across it. A card that is
// suspended, or on its way there or back, has no values: it interrupts everything, and nothing is
// added for its sleep.
//
// Values that are not finite, or negative where that makes no sense, are as if they were not read.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "gpu/derived/energy_counter.h"
#include "gpu/derived/peak_window.h"
#include "gpu/derived/sampled_integral.h"
#include "gpu/derived/stuck_busy_detector.h"
#include "gpu/derived/throttle_counter.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// As of the latest reading.
struct GpuTotals {
  // Counters.
  std::optional<double> energy_joules;             // absent without accumulator and power
  std::map<std::string, double> busy_seconds;      // by engine; the integral of its busy ratio
  std::map<std::string, double> throttle_seconds;  // by reason
  std::map<std::string, double> read_errors;       // by reason
  // The kernel's, which restarts with the driver; ours goes on.
  std::optional<double> suspended_seconds;

  // Of the latest reading, as far as it is believed: 1 or 0 by reason (throttle_counter.h).
  std::map<std::string, double> throttled;
  // Whether gfx says busy while everything else says idle (busy_suspicion.h).
  std::optional<bool> busy_suspect;

  // Highest sample of the window that ends with the latest reading; absent when it has none.
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
                      Clock::duration peak_window = std::chrono::seconds(60));

  // A reading that arrived at `now`. One that is not later than the one before is dropped.
  void add(const GpuReading& reading, Time now);

  GpuTotals totals() const;

 private:
  using Peaks = std::map<std::string, PeakWindow>;

  void add_values(const GpuReading& reading, Time now);
  void interrupt();
  void add_busy(const GpuReading& reading, Time now);
  void add_peaks(const GpuReading& reading, Time now);
  void add_peak(Peaks& peaks, const std::string& key, double value, Time now) const;
  void add_read_errors(const GpuReading& reading);
  void add_suspended(std::optional<double> seconds);

  Clock::duration longest_gap_;
  Clock::duration peak_window_;
  std::optional<Time> last_;

  EnergyCounter energy_;
  ThrottleCounter throttle_;
  StuckBusyDetector suspicion_;
  std::map<std::string, SampledIntegral> busy_;
  std::map<std::string, double> read_errors_;
  std::optional<double> suspended_;         // ours
  std::optional<double> kernel_suspended_;  // the kernel's latest
  PeakWindow power_peak_;
  Peaks busy_peaks_;
  Peaks temperature_peaks_;
};

}  // namespace rig
