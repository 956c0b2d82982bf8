// /proc/stat: CPU time by mode, boot time and scheduler statistics.
// Documentation/filesystems/proc.rst in the kernel sources, "Miscellaneous kernel statistics in
// /proc/stat".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// The columns of a cpu line, in the order of the kernel.
inline constexpr auto kCpuModes = std::to_array<std::string_view>(
    {"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"});

struct CpuTicks {
  std::string cpu;  // "0"
  // By mode since boot, in units of 1/sysconf(_SC_CLK_TCK) s. Absent if the kernel does not have
  // the column (steal was added in 2.6.11, guest in 2.6.24, guest_nice in 2.6.33).
  std::array<std::optional<std::uint64_t>, kCpuModes.size()> ticks;
};

struct ProcStat {
  std::vector<CpuTicks> cpus;     // online CPUs
  std::optional<CpuTicks> total;  // the line "cpu", named "all"; includes CPUs that are offline now
  std::optional<std::uint64_t> boot_time_seconds;  // btime, since the Unix epoch
  std::optional<std::uint64_t> context_switches;   // ctxt, since boot
  std::optional<std::uint64_t> forks;              // processes: processes and threads, since boot
  std::optional<std::uint64_t> processes_running;  // procs_running: running or runnable
  std::optional<std::uint64_t> processes_blocked;  // procs_blocked: waiting for I/O
  std::vector<std::string> malformed;              // lines that could not be parsed
  std::vector<std::string_view> missing;  // names of lines that every kernel prints: "btime"
};

ProcStat parse_proc_stat(std::string_view text);

}  // namespace rig
