// /proc/cpuinfo: what the CPU calls itself.
//
// Only that is taken from it. "cpu MHz" is not: without a cpufreq driver most machines, virtual
// ones above all, print the constant that the kernel calibrated its clock with at boot. Sockets and
// cores are not either: "cpu cores" and "siblings" are one socket's and wrong where cores differ.
#pragma once

#include <cstddef>
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

}  // namespace rig
