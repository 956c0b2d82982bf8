// Implausible CPU times: counters of the kernel, of a hypervisor or of lxcfs that wrapped below
// zero report nearly 2^64 or 2^32 ticks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/proc_stat.h"
#include "rig/kernel/read_result.h"

namespace rig {

struct Uptime {
  double seconds = 0;
};
ReadResult<Uptime> read_uptime(const std::string& file);

// The time since boot in seconds, for an upper bound; absent if it is unknown: the largest of
// /proc/uptime and, if `proc` belongs to the running kernel, its own clock and the time since
// `btime`. They differ in containers: lxcfs reports the uptime of the container, but may report the
// CPU times of the host. All of them include the time that the machine was suspended.
std::optional<double> longest_uptime_seconds(const std::filesystem::path& proc,
                                             std::optional<double> uptime_seconds,
                                             std::optional<std::uint64_t> btime);

// Removes times that are longer than the time since boot (or 31 years, if it is unknown), and guest
// times that are longer than the time that includes them. The sum over all CPUs is not known either
// if it includes such a time. Returns a description of each: "time of CPU 3 in mode idle is longer
// than the time since boot".
std::vector<std::string> remove_implausible(ProcStat& stat, std::optional<double> uptime_seconds,
                                            double ticks_per_second);

}  // namespace rig
