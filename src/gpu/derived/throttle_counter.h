// Whether and for how long a GPU is throttled, by reason, as far as its readings are reliable.
//
// There are two sources. A reason that has ever had the second one uses only that:
// - The bits that the firmware currently reports (reading.throttled). A bit counts for the time
//   since the previous sample.
// - The firmware's cycle counters (reading.throttle_cycles and reading.counted_cycles; MI300, whose
//   bits are always 0; cycle_times.h). The GPU is throttled for the reason if there were any such
//   cycles since the previous sample.
//
// Thermal bits ("thermal_...") are filtered, because on some GPUs one of them is always set (RDNA3
// and RDNA4: thermal_junction). If the temperature of the corresponding sensor ("thermal_edge":
// edge) and its critical limit are known, a set bit counts only within 10 degrees Celsius of the
// limit, and is 0 otherwise. If they are unknown, the reason is absent until its bit has been clear
// once. Other bits are used as reported: being at the power cap for days is normal. Not
// thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "gpu/derived/cycle_times.h"
#include "gpu/derived/sampled_integral.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

class ThrottleCounter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ThrottleCounter(Clock::duration max_gap) : max_gap_(max_gap) {}

  // `now` must increase from call to call.
  void add(const GpuReading& reading, Clock::time_point now);

  // The GPU is suspended: the time until the next reading is not counted.
  void interrupt();

  // As of the latest reading: 1 if the GPU is throttled for the reason, else 0.
  const std::map<std::string, double>& throttled() const { return throttled_; }
  // Never decrease.
  std::map<std::string, double> seconds() const;

 private:
  void add_bit(const std::string& reason, bool bit, const GpuReading& reading,
               Clock::time_point now);
  // The bit after the filter described above. Absent if it is unreliable.
  std::optional<bool> filtered(const std::string& reason, bool bit,
                               const GpuReading& reading) const;

  Clock::duration max_gap_;
  std::map<std::string, double> throttled_;
  std::set<std::string> seen_clear_;  // reasons whose bit has been clear
  std::map<std::string, SampledIntegral> bit_integrals_;
  CycleTimes cycle_times_;
};

}  // namespace rig
