// How busy the engines of a GPU are, have been, and were at most, as far as its values can be
// believed.
//
// A busy ratio is not believed
// - while gfx looks busy and idle at the same time (stuck_busy_detector.h); only gfx is affected,
// - for 15 s after the GPU has woken up: Navi reports 99 % and high clocks for 9 to 15 s then.
// Such values are neither exported as believed nor counted as busy time nor used for peaks. Whether
// gfx is stuck is certain only after a minute. Its values of that minute are held back: if the
// signs end earlier, they are counted after all, and if not, they are dropped. They are also
// dropped if the GPU is suspended or a gap ends the observation.
//
// Busy time is the integral of the utilization that the firmware has accumulated where that is
// known (accumulated_utilization.h), otherwise of the sampled one. Not thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "gpu/derived/accumulated_utilization.h"
#include "gpu/derived/peak_window.h"
#include "gpu/derived/sampled_integral.h"
#include "gpu/derived/stuck_busy_detector.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

class BusyHistory {
 public:
  using Clock = std::chrono::steady_clock;
  using Values = std::map<std::string, double>;  // by engine

  BusyHistory(Clock::duration max_gap, Clock::duration peak_window)
      : max_gap_(max_gap), peak_window_(peak_window), detector_(max_gap) {}

  // A reading of a GPU that is awake or asleep. `now` must increase from call to call.
  void add(const GpuReading& reading, Clock::time_point now);

  // The ratios of the latest reading that are believed.
  const Values& believed() const { return believed_; }
  std::optional<bool> suspect() const { return detector_.suspect(); }
  // The busy time, as far as it is believed. Never decrease.
  Values seconds() const;
  // The highest believed ratios in the peak window.
  Values peaks() const;

 private:
  // Values of gfx that may be wrong.
  struct Held {
    double seconds = 0;
    double highest = 0;
    Clock::time_point highest_at;
  };
  struct Engine {
    SampledTime time;
    PeakWindow peak;
    AccumulatedUtilization accumulated = {};
    double seconds = 0;
  };

  void note_sleep(const GpuReading& reading, Clock::time_point now);
  void sleep();
  void add_ratio(const std::string& name, double ratio, const GpuReading& reading,
                 Clock::time_point now);
  void settle_held();

  Clock::duration max_gap_;
  Clock::duration peak_window_;
  StuckBusyDetector detector_;
  std::map<std::string, Engine> engines_;
  Values believed_;
  std::optional<Held> held_;
  std::optional<Clock::time_point> last_;
  bool asleep_ = false;
  std::optional<double> suspended_seconds_;  // the kernel's latest value
  std::optional<Clock::time_point> woken_at_;
};

}  // namespace rig
