// /proc/cpuinfo: model and frequency of the CPUs.
//
// Sockets and cores are not taken from it: "cpu cores" and "siblings" describe a single socket, and
// are wrong for hybrid CPUs.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace rig {

// Unknown fields are empty.
struct CpuModel {
  std::string model;      // "model name" (x86) or "CPU part" (ARM: "0xd0c")
  std::string vendor;     // "vendor_id" (x86) or "CPU implementer" (ARM: "0x41")
  std::string microcode;  // x86: "0xf0"
};

// Enough bytes for the block of the first CPU on any architecture.
inline constexpr std::size_t kFirstCpuBytes = 4096;

// Describes the first CPU only, even if the CPUs differ (big.LITTLE).
CpuModel parse_cpuinfo(std::string_view text);

// True if the flags of the first CPU include aperfmperf (x86): "cpu MHz" is then measured (Linux
// 4.13 and later), at least for a CPU that was recently busy.
bool measures_frequency(std::string_view text);

// "cpu MHz" (x86) by "processor". Skips CPUs whose number or frequency is malformed or 0.
std::map<unsigned, double> parse_cpu_hertz(std::string_view text);

}  // namespace rig
