// Which processes use which GPUs for compute, as far as KFD's directory of processes tells
// (kfd_processes.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rig/kernel/read_result.h"
#include "rig/metrics/plausible.h"

namespace rig {

// What one context uses of one partition.
struct ContextUsage {
  std::uint32_t pid = 0;
  std::string context;  // the directory of its files
  std::uint32_t gpu_id = 0;
  ReadResult<double> memory;
  bool has_queue = false;
};

struct KfdScan {
  std::vector<ContextUsage> contexts;
  bool complete = true;  // false: the usage of a process could not be read
};

// All contexts in SYS/class/kfd/kfd/proc that have a memory file or a queue.
KfdScan scan_kfd_processes(const std::string& processes);

// The number in a file of a context. Absent: there is no such file, e.g. no memory.
ReadResult<double> read_kfd_number(const std::string& path, const Range& plausible);

}  // namespace rig
