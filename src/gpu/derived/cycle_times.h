// For how long a GPU was in some states, from counters of firmware cycles: of all counted cycles,
// and of those in each state (MI300 and later).
//
// The share of a state's cycles counts for the time between two samples, even across a gap of up to
// 10 minutes. 32-bit counters may wrap. Not thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

class CycleTimes {
 public:
  using Clock = std::chrono::steady_clock;

  // Adds a sample: the counters by state, and that of all cycles. Returns the share of the cycles
  // since the previous sample by state, from 0 to 1; without a state whose counter is new or was
  // reset, and empty if no cycles were counted.
  LabeledNumbers add(const LabeledNumbers& cycles, std::optional<double> counted,
                     Clock::time_point now);

  // The GPU is suspended: the time until the next sample is not counted.
  void interrupt();

  // Whether the state has ever had a counter.
  bool contains(const std::string& state) const { return counters_.contains(state); }

  // By state. Never decrease.
  std::map<std::string, double> seconds() const;

 private:
  struct Cycles {
    double in_state;
    double counted;
    Clock::time_point at;
  };
  struct Counter {
    std::optional<Cycles> last;
    double seconds = 0;
  };

  static std::optional<double> advance(Counter& counter, const Cycles& cycles);

  std::map<std::string, Counter> counters_;
};

}  // namespace rig
