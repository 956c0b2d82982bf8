// Online CPUs, cores and sockets: /sys/devices/system/cpu.
// Documentation/ABI/testing/sysfs-devices-system-cpu in the kernel sources. Thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

// Counts online CPUs only. A number is absent if one of its files is.
struct CpuTopology {
  std::optional<std::size_t> sockets;  // core_siblings_list
  std::optional<std::size_t> cores;    // thread_siblings_list; correct for hybrid CPUs too
  std::optional<std::size_t> threads;  // logical CPUs
  std::vector<unsigned> online;
  std::vector<unsigned> first_of_sockets;  // the lowest online CPU of each; empty if unknown
  std::vector<Problem> problems;
};

CpuTopology read_cpu_topology(const std::filesystem::path& sys);

}  // namespace rig
