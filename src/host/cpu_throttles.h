// Thermal throttling events: /sys/devices/system/cpu/cpuN/thermal_throttle (Intel only).
// Documentation/ABI/testing/sysfs-devices-system-cpu in the kernel sources. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "rig/kernel/problem.h"
#include "rig/kernel/readable_files.h"

namespace rig {

struct CpuThrottles {
  struct Count {
    unsigned cpu = 0;
    std::optional<std::uint64_t> core;     // core_throttle_count
    std::optional<std::uint64_t> package;  // package_throttle_count, as counted by this CPU
  };
  std::vector<Count> counts;
  std::vector<Problem> problems;
};

// Reads the core counts of `cpus` and the package counts of `first_of_sockets`. Stops early if the
// first CPU has no counts.
CpuThrottles read_cpu_throttles(const std::filesystem::path& sys, const std::vector<unsigned>& cpus,
                                const std::vector<unsigned>& first_of_sockets,
                                ReadableFiles& files);

}  // namespace rig
