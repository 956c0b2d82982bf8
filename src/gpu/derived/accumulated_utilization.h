// The average utilization of an engine between samples, from a counter of the firmware.
//
// MI300 and later add up the utilization in each of the counted cycles (reading.busy_cycles and
// reading.counted_cycles), so that their increases give the exact average between two samples. The
// kernel's headers call the unit percent, AMD's tools divide as if it were a ratio: each is
// compared with the average of the sampled utilization over periods of one minute. A unit agrees if
// it differs by at most 0.02 plus a fifth. The unit is known while the latest period agreed with
// it. A period below 5 % decides nothing, because both units agree with it. Not thread-safe.
#pragma once

#include <optional>

namespace rig {

class AccumulatedUtilization {
 public:
  struct Sample {
    double ratio;                        // sampled utilization
    std::optional<double> busy_cycles;   // counter
    std::optional<double> total_cycles;  // counter
    double seconds;                      // that the sample represents; 0: a gap
  };

  // Returns the average since the previous sample, from 0 to 1. Absent while the unit is unknown,
  // after a gap or a reset, and if no cycles were counted.
  std::optional<double> add(const Sample& sample);

 private:
  struct Counters {
    double busy;
    double total;
  };
  struct Period {
    double seconds = 0;
    double sampled = 0;      // the integral of the ratio
    double accumulated = 0;  // of the increases, in the counter's unit
  };

  std::optional<double> increase(const Sample& sample);
  void judge();

  std::optional<Counters> last_;
  Period period_;
  std::optional<double> unit_;
};

}  // namespace rig
