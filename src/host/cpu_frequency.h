// CPU frequencies from cpufreq (Documentation/admin-guide/pm/cpufreq.rst in the kernel sources) or,
// for CPUs whose current frequency cpufreq does not tell, from "cpu MHz" in /proc/cpuinfo: those
// without cpufreq, without scaling_cur_freq (intel_pstate before Linux 4.1) or with "<unknown>".
//
// The limits are cached until the set of online CPUs, the policies or the turbo settings change.
// scaling_cur_freq is read once per policy, not once per CPU. "cpu MHz" is used only if the CPU has
// the flag aperfmperf; otherwise, typically in virtual machines, it is a constant that the kernel
// determined at boot.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rig/kernel/problem.h"
#include "rig/kernel/readable_files.h"
#include "rig/kernel/root_paths.h"

namespace rig {

class BestEffortReader;

struct CpuFrequency {
  unsigned cpu = 0;
  // scaling_cur_freq: on x86 since Linux 4.13 measured for a CPU that was recently busy, otherwise
  // read from the hardware or the last frequency requested. Absent if the driver reports
  // "<unknown>" or 0.
  std::optional<double> current_hertz;
  // cpuinfo_min_freq and cpuinfo_max_freq: hardware limits, including turbo; not the limits set for
  // the governor (scaling_min_freq, scaling_max_freq).
  std::optional<double> min_hertz;
  std::optional<double> max_hertz;
};
struct CpuFrequencies {
  std::vector<CpuFrequency> cpus;  // online CPUs with a known policy or frequency
  std::vector<Problem> problems;
};

// Not thread-safe.
class CpuFrequencyReader {
 public:
  CpuFrequencyReader(RootPaths roots, std::shared_ptr<ReadableFiles> files)
      : roots_(std::move(roots)), files_(std::move(files)) {}

  // May block: x86 kernels from 4.13 to 5.17 sleep 10 ms for each CPU not queried within the last
  // second, and some drivers query a slow controller.
  CpuFrequencies read();

 private:
  struct Policy {
    std::string directory;
    std::vector<unsigned> cpus;
    std::optional<double> min_hertz;  // cached once known
    std::optional<double> max_hertz;
  };

  std::optional<double> read_hertz(BestEffortReader& reader, const std::string& file) const;
  std::string read_policies_key(BestEffortReader& reader) const;
  void read_policies(BestEffortReader& reader);
  void add_cpuinfo(BestEffortReader& reader, const std::set<unsigned>& failed,
                   std::map<unsigned, CpuFrequency>& by_cpu) const;

  const RootPaths roots_;
  const std::shared_ptr<ReadableFiles> files_;
  // The settings that policies_ depends on, as of the last read; empty: read policies_ again.
  std::string policies_key_;
  std::vector<Policy> policies_;
  std::vector<unsigned> online_;
  std::size_t cpus_with_policy_ = 0;
};

}  // namespace rig
