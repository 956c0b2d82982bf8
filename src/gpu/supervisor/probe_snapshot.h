// The state of all GPUs as last reported by rig_gpu_probe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "rig/gpu_protocol/probe_line.h"

namespace rig {

struct GpuTotals;  // gpu/derived/gpu_history.h

// A GPU that the running probe lists.
struct ProbeGpu {
  using Time = std::chrono::steady_clock::time_point;

  GpuPresence presence;
  Time listed_since;                          // when this probe first listed it
  std::shared_ptr<const GpuReading> reading;  // the latest; null before the first
  Time read_at;                               // when `reading` was started
  // Derived from all readings since the exporter started, including those of earlier probes.
  std::shared_ptr<const GpuTotals> totals;
};

using ProbeGpus = std::map<std::string, ProbeGpu>;  // by PCI address

// Called with each new reading, which `gpu` contains, and all GPUs that are listed. Must own all
// that it uses and not block: called from the supervisor's thread.
using ReadingObserver = std::function<void(const ProbeGpus& gpus, const ProbeGpu& gpu)>;

struct ProbeSnapshot {
  using Time = std::chrono::steady_clock::time_point;

  // Absent until the running probe has reported them. The report's `reason` is replaced if the
  // supervisor disabled rocm-smi.
  std::optional<ProbeReport> report;
  std::optional<ProbeGpus> gpus;
  std::size_t gpus_left_out = 0;  // that the probe lists beyond kMaxGpus
  std::optional<GpuProcesses> processes;
  Time processes_at;               // when `processes` was last updated
  bool processes_waiting = false;  // the probe's first read of KFD's processes is still running
  Time listed_at;                  // when `gpus` was last updated

  std::uint64_t restarts = 0;  // starts after the first
  // Why the probe's data is unavailable. Empty while it is running, and before its first line.
  std::string down;
  bool startable = true;  // false: the last attempt to start the probe failed
};

}  // namespace rig
