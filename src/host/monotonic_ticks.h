// The ticks of /proc/stat as counters that do not run backwards.
//
// Those of idle and iowait do now and then: when a CPU that sleeps is looked at from another, the
// kernel reckons its sleep as the one or the other, as it seems at that moment. The largest number
// seen stands then, until the kernel's is larger.
//
// Not so when a number fell below half of what it was, and by more than 3 s: before 6.8 those of
// idle and iowait begin at 0 again when a CPU was offline; the others go on. That is let through:
// Prometheus knows counters that begin anew. A CPU that is seen to be offline is forgotten.
// Used by one thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/proc_stat.h"

namespace rig {

class MonotonicTicks {
 public:
  explicit MonotonicTicks(double ticks_per_second) : ticks_per_second_(ticks_per_second) {}

  // `cpus` are all that are online, each with the numbers to show instead of its own.
  std::vector<CpuTicks> rise(std::vector<CpuTicks> cpus);

 private:
  bool began_anew(std::uint64_t before, std::uint64_t now) const;

  double ticks_per_second_;
  std::map<std::string, CpuTicks> shown_;
};

}  // namespace rig
