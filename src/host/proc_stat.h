// /proc/stat: what every CPU spent its time on since boot, when that was, and what was scheduled.
// Documentation/filesystems/proc.rst of the kernel, "Miscellaneous kernel statistics in
// /proc/stat".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// The columns of a cpu line, in the kernel's order.
inline constexpr auto kCpuModes = std::to_array<std::string_view>(
    {"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"});

struct CpuTicks {
  std::string cpu;  // "0"
  // By mode, in units of 1/sysconf(_SC_CLK_TCK) s. Absent: a column that this kernel does not have
  // (iowait, irq and softirq came with 2.6, steal with 2.6.11, guest with 2.6.24, guest_nice with
  // 2.6.33).
  std::array<std::optional<std::uint64_t>, kCpuModes.size()> ticks;
};

struct ProcStat {
  std::vector<CpuTicks> cpus;     // those that are online
  std::optional<CpuTicks> total;  // the first line, "all": with what CPUs did that are offline now
  std::optional<std::uint64_t> boot_time_seconds;  // since 1970, from btime
  std::optional<std::uint64_t> context_switches;   // ctxt, since boot
  std::optional<std::uint64_t> forks;              // processes: and threads, since boot
  std::optional<std::uint64_t> processes_running;  // procs_running: or ready to run
  std::optional<std::uint64_t> processes_blocked;  // procs_blocked: waiting for a device
  std::vector<std::string> senseless;              // lines that are not what they begin as
};

ProcStat parse_proc_stat(std::string_view text);

}  // namespace rig
