// /proc/cpuinfo: model and frequency of the CPUs.
//
// Sockets and cores are not taken from it: "cpu cores" and "siblings" describe a single socket, and
// are wrong for hybrid CPUs.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "rig/kernel/root_paths.h"

namespace rig {

// Unknown fields are empty.
//
// Every architecture has its own lines. The model is the first of: "model name" (x86), "Model Name"
// (LoongArch), "cpu model" (MIPS, Alpha), "cpu" (POWER, SPARC), "uarch" (RISC-V), "CPU part" (ARM:
// "0xd0c"), "cpu type" (SuperH), "Processor" (ARM before Linux 3.8), "CPU" (m68k), "machine = 2964"
// in the lines of processors (s390); failing these, a line about the board: "Hardware", "machine",
// "Model", "system type".
struct CpuModel {
  std::string model;
  std::string vendor;     // "vendor_id", "CPU implementer" (ARM: "0x41"), "mvendorid" (RISC-V)
  std::string microcode;  // x86: "0xf0"
};

// Enough bytes for the block of the first CPU on any architecture.
inline constexpr std::size_t kFirstCpuBytes = 4096;

// Describes the first CPU only, even if the CPUs differ (big.LITTLE).
CpuModel parse_cpuinfo(std::string_view text);

// What a cpuinfo without a name of the CPU tells about the model or architecture; empty if nothing.
// For machines whose device tree has no name either.
std::string model_identifier(std::string_view text);

// The model or, without it, the first compatible string in the device tree; empty without one. For
// kernels whose cpuinfo does not name the CPU.
std::string read_device_tree_model(const RootPaths& roots);

// True if the flags of the first CPU include aperfmperf (x86): "cpu MHz" is then measured (Linux
// 4.13 and later), at least for a CPU that was recently busy.
bool measures_frequency(std::string_view text);

// "cpu MHz" (x86) by "processor". Skips CPUs whose number or frequency is malformed or 0.
std::map<unsigned, double> parse_cpu_hertz(std::string_view text);

}  // namespace rig
