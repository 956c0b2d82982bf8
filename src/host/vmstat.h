// /proc/vmstat: what the memory management has done since boot. Documentation/filesystems/proc.rst
// of the kernel does not list it; the names are those of mm/vmstat.c.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// Absent: a line that this kernel does not print (pswpin and pswpout are left out of a kernel built
// without swap, oom_kill came with 4.13).
struct Vmstat {
  std::optional<double> swapped_in_pages;   // pswpin
  std::optional<double> swapped_out_pages;  // pswpout
  std::optional<double> major_faults;       // pgmajfault
  std::optional<double> oom_kills;          // oom_kill: processes killed, in memory cgroups too
  std::vector<std::string> senseless;       // lines with one of these names and no number
};

Vmstat parse_vmstat(std::string_view text);

}  // namespace rig
