// How fast the CPUs run: cpufreq (Documentation/admin-guide/pm/cpufreq.rst of the kernel), or where
// there is none "cpu MHz" of /proc/cpuinfo.
//
// The limits are read once, and again when the CPUs that are online, the policies or what says
// whether turbo is on have changed. scaling_cur_freq is read once for all CPUs of a policy. Without
// any cpufreq, "cpu MHz" is taken where the CPU counts its cycles (flag aperfmperf): elsewhere,
// virtual machines above all, it is the constant that the kernel calibrated its clock with at boot.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rig/kernel/root_paths.h"

namespace rig {

struct CpuFrequency {
  unsigned cpu = 0;
  // scaling_cur_freq. On x86 (4.13 and later) what the counters of a CPU that was just busy
  // measured; else what the driver reads, or last asked for. "<unknown>" and 0, which drivers print
  // when they cannot tell, are absent.
  std::optional<double> current_hertz;
  // cpuinfo_min_freq, cpuinfo_max_freq: what the hardware can do, turbo included; not the limits a
  // governor was given.
  std::optional<double> min_hertz;
  std::optional<double> max_hertz;
};
struct CpuFrequencies {
  std::vector<CpuFrequency> cpus;  // those that are online and have any
  std::vector<std::string> problems;
};

// Used by one thread at a time.
class CpuFrequencyReader {
 public:
  explicit CpuFrequencyReader(RootPaths host) : host_(std::move(host)) {}

  // May take long: from 4.13 to 5.17 an x86 kernel sleeps 10 ms for a CPU that nobody asked about
  // in the last second, and a driver may ask a slow controller.
  CpuFrequencies read();

 private:
  struct Policy {
    std::filesystem::path folder;
    std::vector<unsigned> cpus;
    std::optional<double> min_hertz;
    std::optional<double> max_hertz;
  };

  void read_policies(std::vector<std::string>& problems);
  void read_cpuinfo(CpuFrequencies& found) const;

  const RootPaths host_;
  std::string read_for_;  // what the policies were read for; empty: read them again
  std::vector<Policy> policies_;
};

}  // namespace rig
