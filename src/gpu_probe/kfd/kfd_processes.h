// Who uses which GPU for compute: /sys/class/kfd/kfd/proc/PID/, which KFD has for each process that
// opened /dev/kfd, with a set of files for each GPU that the process may use.
//
//   vram_ID               bytes held now; ID: KFD's gpu id
//   sdma_ID               microseconds of copies in all
//   stats_ID/cu_occupancy compute units occupied now; Instinct
//   queues/N/gpuid        one for each queue of the process
//   context_N/            the same files again, for a further context of the process
//
// drivers/gpu/drm/amd/amdkfd/kfd_process.c of Linux
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gpu_probe/kfd/kfd_topology.h"
#include "gpu_probe/kfd/process_names.h"
#include "rig/gpu_protocol/probe_line.h"

namespace rig {

// One thread at a time. read() may block: KFD takes the locks of its queue manager for sdma_ID, and
// asks the hardware for cu_occupancy, though only where the process has queues, which keep the card
// awake. Never throws for what the kernel says; what is refused or senseless costs that value only.
class KfdProcesses {
 public:
  // KFD counts processes as the host does: with another /proc than the host's they have no names.
  KfdProcesses(const std::filesystem::path& sys, const std::filesystem::path& proc);

  // The `most` largest shares of all by memory (ties by pid), sorted by PCI address, then the
  // largest first, then by pid. A share is what one process has on one GPU: memory, or a queue, or
  // memory that was refused. KFD's files of a GPU that a process does not use are none. A process
  // that is not in /proc has no names. Contexts of a process are added up, and so are partitions of
  // a card.
  //
  // Counts have a 0 for a GPU that nobody uses, and nothing for one whose users are not all known:
  // KFD's tree or the GPU's node is not there or refused, or so is the memory of a process.
  GpuProcesses read(std::size_t most = 32);

 private:
  // What a context has counted goes with it; the process' copies do not.
  struct Grown {
    double last = 0;
    double of_ended_contexts = 0;
  };
  using Share = std::pair<double, std::string>;  // pid, PCI address

  void keep_growing(std::vector<GpuProcess>& processes);

  std::filesystem::path processes_;
  KfdTopology topology_;
  ProcessNames names_;
  std::map<Share, Grown> sdma_seconds_;  // of those that were listed in the last read
};

}  // namespace rig
