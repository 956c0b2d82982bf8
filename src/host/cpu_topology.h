// Online CPUs, cores and sockets: /sys/devices/system/cpu.
// Documentation/ABI/testing/sysfs-devices-system-cpu in the kernel sources. Thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
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

// Reads the topology again only if the set of online CPUs has changed or the last read was not
// complete. Thread-safe; while one read hangs, so do the others.
class CpuTopologyReader {
 public:
  explicit CpuTopologyReader(std::filesystem::path sys) : sys_(std::move(sys)) {}

  CpuTopology read();

 private:
  const std::filesystem::path sys_;
  std::mutex mutex_;
  std::string online_;  // the list that topology_ was read for
  CpuTopology topology_;
};

}  // namespace rig
