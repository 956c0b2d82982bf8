// /sys/devices/system/cpu: which CPUs are online, how they share cores and sockets, how often they
// throttled. Documentation/ABI/testing/sysfs-devices-system-cpu of the kernel. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
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
  std::vector<unsigned> online;
  std::vector<unsigned> first_of_sockets;  // the lowest of each; empty when not known
  std::vector<std::string> problems;       // files that could not be read, or made no sense
};
CpuTopology read_cpu_topology(const std::filesystem::path& sys);

// thermal_throttle/: how often a CPU was slowed down because it was too hot. Intel only.
struct CpuThrottles {
  struct Count {
    unsigned cpu = 0;
    std::optional<std::uint64_t> core;     // of this CPU
    std::optional<std::uint64_t> package;  // of the whole socket, as this CPU counted it
  };
  std::vector<Count> counts;
  std::vector<std::string> problems;
};
// The core counts of `cpus` and the package counts of `first_of_sockets`. Looks no further once a
// CPU has no such files.
CpuThrottles read_cpu_throttles(const std::filesystem::path& sys, const std::vector<unsigned>& cpus,
                                const std::vector<unsigned>& first_of_sockets);

}  // namespace rig
