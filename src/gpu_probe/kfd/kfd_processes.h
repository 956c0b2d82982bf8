// The processes that use GPUs for compute: /sys/class/kfd/kfd/proc/PID/, which KFD creates for each
// process that has opened /dev/kfd, with a set of files for each GPU that the process may use.
//
//   vram_ID               allocated bytes; ID: KFD's GPU ID
//   sdma_ID               total microseconds of copies
//   stats_ID/cu_occupancy compute units in use; Instinct only
//   stats_ID/evicted_ms   total milliseconds for which its queues were stopped, because memory had
//                         been evicted, or host memory that it uses was moved or unmapped
//   counters_ID/faults    page faults of the GPU in shared virtual memory; page_in and page_out:
//                         pages of it that were migrated to the GPU and back
//   queues/N/gpuid        one for each queue of the process
//   context_N/            the same files for an additional context of the process
//
// See drivers/gpu/drm/amd/amdkfd/kfd_process.c in Linux.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "gpu_probe/kfd/kfd_topology.h"
#include "gpu_probe/kfd/process_names.h"
#include "rig/gpu_protocol/probe_defaults.h"
#include "rig/gpu_protocol/probe_line.h"

namespace rig {

// Not thread-safe. read() may block: sdma_ID takes the locks of KFD's queue manager, and
// cu_occupancy reads the hardware, but only if the process has queues, which keep the GPU awake.
// File contents never make read() throw: an unreadable or malformed file affects only its own
// value.
class KfdProcesses {
 public:
  // KFD uses the PIDs of the host: if `proc` is not the host's, processes have no names.
  KfdProcesses(const std::filesystem::path& sys, const std::filesystem::path& proc);

  // The `limit` largest usages of all GPUs by memory (ties by PID), sorted by PCI address, then
  // descending memory, then PID. A usage is what one process has on one GPU: memory, a queue, or
  // memory that cannot be read. The contexts of a process and the partitions of a GPU are summed.
  // Processes that are missing in /proc have no names.
  //
  // `counts` has 0 for an unused GPU, and no entry for a GPU whose users are not all known, because
  // KFD's directory, the GPU's node or the memory of a process is missing or cannot be read.
  GpuProcesses read(std::size_t limit = kDefaultProcessLimit);

 private:
  // The sum of a counter over the contexts of a process decreases when one of them ends.
  struct CounterTotal {
    double last = 0;
    double ended_contexts = 0;
  };
  using CounterKey = std::tuple<double, std::string, std::string>;  // PID, PCI address, counter

  void keep_monotonic(std::vector<GpuProcess>& processes);

  std::filesystem::path processes_;
  KfdTopology topology_;
  ProcessNames names_;
  std::map<CounterKey, CounterTotal> counter_totals_;  // of the processes listed by the last read
};

}  // namespace rig
