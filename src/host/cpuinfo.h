// /proc/cpuinfo: what the CPU calls itself, and how fast it runs.
//
// Sockets and cores are not taken from it: "cpu cores" and "siblings" are one socket's and wrong
// where cores differ.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace rig {

// An empty string is unknown.
struct CpuModel {
  std::string model;      // "model name" (x86); else "CPU part" (ARM: "0xd0c")
  std::string vendor;     // "vendor_id" (x86); else "CPU implementer" (ARM: "0x41")
  std::string microcode;  // x86: "0xf0"
};

// Enough of /proc/cpuinfo for the first CPU's block on any architecture.
inline constexpr std::size_t kCpuinfoBeginning = 4096;

// The first CPU's words. In a machine whose CPUs differ (big.LITTLE) they are that CPU's alone.
CpuModel parse_cpuinfo(std::string_view text);

// Whether the first CPU's flags have aperfmperf (x86): "cpu MHz" is measured then (4.13 and later),
// at least of a CPU that was just busy.
bool counts_cycles(std::string_view text);

// "cpu MHz" (x86) by "processor". A CPU whose number or frequency is none, or 0, is left out.
std::map<unsigned, double> parse_cpu_hertz(std::string_view text);

}  // namespace rig
