// The main loop of rig_gpu_probe: lists the GPUs, samples each, and reports what reads them.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gpu_probe/gpu_samplers.h"
#include "gpu_probe/kfd/kfd_processes.h"
#include "gpu_probe/line_output.h"
#include "gpu_probe/rocm_smi/library_thread.h"
#include "gpu_probe/sample_pacing.h"
#include "gpu_probe/sysfs/amdgpu_sysfs.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/gpu_protocol/probe_defaults.h"
#include "rig/gpu_protocol/probe_line.h"
#include "rig/kernel/root_paths.h"
#include "rig/threads/timed_task.h"
#include "rig/threads/wakeup_event.h"

namespace rig {

struct ProbeSettings {
  std::string version;
  RootPaths paths;
  unsigned processes = kDefaultProcessLimit;  // maximum number of listed processes; 0 disables
  std::chrono::milliseconds sample_interval = kDefaultSampleInterval;  // 0: at requests
  unsigned max_cpu_percent = kDefaultMaxCpuPercent;
  // How long the first round waits for the library to start before it continues with sysfs.
  std::chrono::milliseconds library_start_timeout{3000};
  // When a library that failed to start (e.g. because another process holds its lock) is retried.
  std::chrono::milliseconds library_retry_interval{300'000};
  MarketingName marketing_name;
};

// Used by one thread. No function waits for a hung GPU or for the library.
class Probe {
 public:
  using Clock = std::chrono::steady_clock;

  // `output` must outlive all threads of the probe. `library` is null if only sysfs is read;
  // `reason` is the reason for that.
  Probe(ProbeSettings settings, std::unique_ptr<GpuLibrary> library, std::string reason,
        LineOutput& output);

  // Writes the list of GPUs and starts a read of the processes and a sample of each GPU.
  void run_once();

  // Waits for the samples and the processes. Returns the PCI addresses of the GPUs that timed out.
  std::vector<std::string> wait(Clock::time_point deadline);

  // Calls run_once() every interval (sample_pacing.h), and when a graphics device is added or
  // removed.
  [[noreturn]] void run();

  // Calls run_once() at the start, after each request, and when a graphics device is added or
  // removed. A sample of a GPU that has been running for half a second is not waited for, and no
  // other one begins.
  [[noreturn]] void run_at(const WakeupEvent& requests);

 private:
  using Cards = std::shared_ptr<const std::vector<AmdgpuCard>>;  // never null

  static Cards no_cards() { return std::make_shared<const std::vector<AmdgpuCard>>(); }
  Cards list_cards();
  GpuSamplers make_samplers() const;
  void restart_library();
  void read_processes();
  void wait_for_recent_samples();
  GpuList list() const;
  ProbeReport report() const;
  void describe_library(ProbeReport& report) const;

  ProbeSettings settings_;
  SamplePacing pacing_;
  std::shared_ptr<LibraryThread> library_;
  std::string reason_;
  LineOutput& output_;

  TimedTask<Cards> list_task_;
  bool listed_ = false;               // the GPUs were listed at least once
  Cards cards_ = no_cards();          // currently present
  Cards library_cards_ = no_cards();  // present when the library was last started
  Clock::time_point library_started_at_;
  GpuSamplers samplers_;
  TimedTask<bool> process_task_;             // in a thread of the samplers
  TimedTask<bool>::Ticket process_ticket_;   // of the latest read
  std::shared_ptr<KfdProcesses> processes_;  // null: disabled
  std::string driver_version_;
  std::optional<ProbeReport> last_report_;
};

}  // namespace rig
