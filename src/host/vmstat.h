// /proc/vmstat: counters of the memory management since boot. The names are defined in mm/vmstat.c
// of the kernel sources.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// Fields are absent if the kernel does not print the line: pswpin and pswpout need a kernel with
// swap support, oom_kill Linux 4.13.
struct Vmstat {
  std::optional<double> swapped_in_pages;   // pswpin
  std::optional<double> swapped_out_pages;  // pswpout
  std::optional<double> major_faults;       // pgmajfault
  std::optional<double> oom_kills;          // oom_kill, including kills in memory cgroups
  std::vector<std::string> malformed;  // lines with one of these names but without a valid number
  // Names of lines that must follow others: pgmajfault comes after pgpgin in every kernel that
  // counts events. One that does not still prints the thresholds, which come before. oom_kill comes
  // last.
  std::vector<std::string_view> missing;
};

Vmstat parse_vmstat(std::string_view text);

}  // namespace rig
