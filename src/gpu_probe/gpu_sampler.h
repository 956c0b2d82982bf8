// Samples one GPU in another thread, so that a hung driver does not delay the main loop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rig/gpu_protocol/gpu_reading.h"
#include "rig/threads/timed_task.h"

namespace rig {

class GpuSampler {
 public:
  using Clock = std::chrono::steady_clock;
  using Sample = std::function<std::optional<GpuReading>()>;  // may block; absent: no such GPU
  using Emit = std::function<void(const GpuReading&)>;

  // A reading that took longer than this is outdated and dropped. The next reading counts it as a
  // read error "timeout".
  static constexpr std::chrono::seconds kMaxDuration{5};

  // Both functions run in a thread of the executor, or of this sampler if there is none, and may
  // run after the destructor.
  GpuSampler(const std::string& name, Sample sample, Emit emit,
             Clock::duration max_duration = kMaxDuration, TimedTask<bool>::Executor executor = {});
  GpuSampler(const GpuSampler&) = delete;
  GpuSampler& operator=(const GpuSampler&) = delete;
  // The destructor never waits for the GPU: the thread of a hung sample is left behind and ends
  // when it returns.
  ~GpuSampler() = default;

  // Starts a sample unless one is running or waiting for the executor.
  void start();

  // How long ago the current sample was started. Absent if there is none.
  std::optional<Clock::duration> running_for() const { return task_.running_for(); }

  // Waits for the current sample; returns false on timeout.
  bool wait(Clock::time_point deadline) const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // used by the thread; outlives this object while a sample is hung
  TimedTask<bool> task_;
};

}  // namespace rig
