// Makes the counters of /proc/stat monotonic.
//
// idle and iowait occasionally decrease: the kernel attributes the current sleep of an idle CPU to
// one or the other depending on the moment it is read. The largest value seen so far is kept until
// the kernel reports a larger one.
//
// A drop below half of the last value and by more than 3 s is a reset, and is passed on, since
// Prometheus handles counter resets: before Linux 6.8 idle and iowait restart at 0 after a CPU was
// offline. The state of a CPU that is offline is discarded. Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/proc_stat.h"

namespace rig {

class MonotonicTicks {
 public:
  explicit MonotonicTicks(double ticks_per_second) : ticks_per_second_(ticks_per_second) {}

  // Takes the ticks of all online CPUs and returns the values to report.
  std::vector<CpuTicks> update(std::vector<CpuTicks> cpus);

 private:
  bool is_reset(std::uint64_t before, std::uint64_t now) const;

  double ticks_per_second_;
  std::map<std::string, CpuTicks> last_;
};

}  // namespace rig
