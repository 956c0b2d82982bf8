// /sys/devices/system/cpu: which CPUs are online, how they share cores and sockets, how fast they
// run. Documentation/ABI/testing/sysfs-devices-system-cpu of the kernel.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// "0-3,8": the kernel's list format. Absent when it is none; empty for an empty line.
std::optional<std::vector<unsigned>> parse_cpu_list(std::string_view text);

// From topology/ of the CPUs that are online. A number is absent when a file of it is.
struct CpuTopology {
  std::optional<std::size_t> sockets;  // core_siblings_list
  std::optional<std::size_t> cores;    // thread_siblings_list; right for hybrid CPUs too
  std::optional<std::size_t> threads;  // CPUs as the scheduler counts them
  std::vector<std::string> problems;   // files that could not be read, or made no sense
};
CpuTopology read_cpu_topology(const std::filesystem::path& sys);

// From cpuN/cpufreq. All of it is absent without a cpufreq driver, as in most virtual machines.
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
  std::vector<CpuFrequency> cpus;
  std::vector<std::string> problems;
};
// May take long: from 4.13 to 5.17 an x86 kernel sleeps 10 ms for a CPU that nobody asked about in
// the last second, and a driver may ask a slow controller.
CpuFrequencies read_cpu_frequencies(const std::filesystem::path& sys);

}  // namespace rig
