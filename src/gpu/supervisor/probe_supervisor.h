// Starts, monitors and restarts the child process rig_gpu_probe.
//
// A dedicated thread reads the probe's output (gpu_reading.h) and keeps the latest reading of each
// GPU in memory, so that callers never wait for the probe, the GPUs or librocm_smi64. Readings are
// discarded as soon as the probe that reported them exits, hangs or writes malformed lines. It is
// then restarted with exponential backoff.
//
// All functions are thread-safe, except that stop() and the destructor must not run concurrently.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "gpu/supervisor/probe_options.h"
#include "gpu/supervisor/probe_snapshot.h"
#include "rig/threads/stoppable_thread.h"

namespace rig {

class ProbeSupervisor {
 public:
  // Starts the thread, which starts the probe.
  explicit ProbeSupervisor(ProbeOptions options);
  ProbeSupervisor(const ProbeSupervisor&) = delete;
  ProbeSupervisor& operator=(const ProbeSupervisor&) = delete;
  ~ProbeSupervisor();

  ProbeSnapshot snapshot() const;

  // Waits until `condition` holds for a snapshot; returns false on timeout. `condition` must not
  // call this object.
  bool wait(std::chrono::steady_clock::time_point deadline,
            const std::function<bool(const ProbeSnapshot&)>& condition) const;

  // Makes a probe whose sample interval is 0 take a sample; the others take one anyway.
  void request_sample() const;

  // Terminates the probe and the thread within half a second, even if they are hung.
  void stop();

 private:
  class Loop;
  std::shared_ptr<Loop> loop_;  // outlives this object only while its thread is hung
  StoppableThread thread_;
};

}  // namespace rig
