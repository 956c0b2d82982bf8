// rig_gpu_probe as a child process: started, watched, ended, started again.
//
// One thread of its own reads the lines that the probe writes (gpu_reading.h) and keeps the latest
// reading of each GPU in memory. Nobody who asks waits for the probe, the GPUs or librocm_smi64.
// Readings live no longer than the probe that gave them: when it dies, is silent, or talks
// nonsense, they are gone at once, and it is started again after a pause that grows.
//
// All functions may be called from any thread, stop() and the destructor by one.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "rig/gpu_protocol/probe_line.h"
#include "rig/kernel/root_paths.h"

namespace rig {

struct GpuTotals;  // src/gpu/gpu_history.h

// A GPU that the running probe lists.
struct ProbeGpu {
  using Time = std::chrono::steady_clock::time_point;

  GpuPresence presence;
  Time listed_since;                          // when this probe listed it first
  std::shared_ptr<const GpuReading> reading;  // the latest; none yet: empty
  Time read_at;                               // when `reading` began
  // What comes of all readings since the exporter started, also of earlier probes.
  std::shared_ptr<const GpuTotals> totals;
};

// What is known of the GPUs at one moment.
struct ProbeSnapshot {
  using Time = std::chrono::steady_clock::time_point;

  // Both absent until the running probe has said them. `reason` of the report also tells when it
  // was us who gave up rocm-smi.
  std::optional<ProbeReport> report;
  std::optional<std::map<std::string, ProbeGpu>> gpus;  // by PCI address
  std::optional<GpuProcesses> processes;
  Time processes_at;               // when `processes` was last said
  bool processes_waiting = false;  // KFD was asked for them and has never answered this probe
  Time listed_at;                  // when `gpus` was last said

  std::uint64_t restarts = 0;  // starts after the first
  // Why there is no probe to be heard; empty while there is, and before the first is heard.
  std::string down;
  bool startable = true;  // false: the last attempt to start it failed
};

// When patience ends. The defaults are what production uses.
struct ProbeLimits {
  using Duration = std::chrono::milliseconds;

  Duration silence = std::chrono::seconds(5);  // without a line that makes sense
  Duration first_pause{500};  // before it is started again; doubled each time, up to
  Duration longest_pause = std::chrono::seconds(60);
  Duration healthy_life = std::chrono::seconds(60);  // who lived so long pauses `first_pause` again
  unsigned library_failures = 3;  // so many crashes or silences with rocm-smi, within
  Duration library_window = std::chrono::minutes(10);  // this time: go on without rocm-smi
  Duration library_again = std::chrono::hours(1);      // and try it again after this time
  Duration polite_end{200};  // between SIGTERM and SIGKILL when the exporter stops
  Duration oversleep{
      2000};  // we were stopped ourselves when waiting took so much longer than asked
  std::size_t longest_line = 1U << 20U;
  unsigned unkillable = 3;  // none is started beside so many that hang in the kernel
};

struct ProbeOptions {
  std::string probe;  // a program; a recording of its output; empty: the one that came with us
  RootPaths host;
  std::chrono::milliseconds sample_interval{1000};
  std::chrono::milliseconds peak_window{60'000};
  unsigned processes = 32;  // so many are shown, the largest; 0: none is looked for
  ProbeLimits limits;
  // kill(2); a test can make a probe unkillable here.
  std::function<int(pid_t, int)> send_signal;
};

// The rig_gpu_probe that belongs to the program `own_program`: beside it, else in
// ../libexec/rig_exporter or ../lib/rig_exporter from there. The first place when it is in none.
std::filesystem::path default_probe_path(const std::filesystem::path& own_program);

class ProbeSupervisor {
 public:
  // Starts the thread, which starts the probe.
  explicit ProbeSupervisor(ProbeOptions options);
  ProbeSupervisor(const ProbeSupervisor&) = delete;
  ProbeSupervisor& operator=(const ProbeSupervisor&) = delete;
  ~ProbeSupervisor();

  ProbeSnapshot snapshot() const;

  // Waits until `enough` says so of a snapshot; false when the deadline came first. `enough` must
  // not call this object.
  bool wait(std::chrono::steady_clock::time_point deadline,
            const std::function<bool(const ProbeSnapshot&)>& enough) const;

  // Ends the probe and the thread within half a second, whatever the probe does.
  void stop();

 private:
  class Watch;
  std::shared_ptr<Watch> watch_;  // outlives us only while its thread hangs in a system call
  std::thread thread_;
};

}  // namespace rig
