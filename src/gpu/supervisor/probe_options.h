// The options of ProbeSupervisor.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>

#include "gpu/supervisor/probe_limits.h"
#include "gpu/supervisor/probe_snapshot.h"
#include "rig/gpu_protocol/probe_defaults.h"
#include "rig/kernel/root_paths.h"

namespace rig {

struct ProbeOptions {
  // The probe executable or a recording of its output. Empty: the installed rig_gpu_probe.
  std::string probe;
  RootPaths host;
  std::chrono::milliseconds sample_interval = kDefaultSampleInterval;
  unsigned max_cpu_percent = kDefaultMaxCpuPercent;
  std::chrono::milliseconds peak_window = kDefaultPeakWindow;
  unsigned processes = kDefaultProcessLimit;  // maximum number of listed processes; 0 disables
  ProbeLimits limits;
  // kill(2) unless set; tests replace it to simulate a process that cannot be killed.
  std::function<int(pid_t, int)> send_signal;
  ReadingObserver on_reading;  // may be empty
};

}  // namespace rig
