// Samples all GPUs in turn in one thread. If one takes long, another thread goes on with the
// others, and a GPU that hangs is left alone until it returns.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gpu_probe/gpu_sampler.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/threads/hand_over_threads.h"

namespace rig {

// Used by one thread.
class GpuSamplers {
 public:
  using Clock = GpuSampler::Clock;
  using MakeSample = std::function<GpuSampler::Sample(const AmdgpuCard&)>;

  // Several times as long as a sample takes, and short enough for 64 slow GPUs in a second.
  static constexpr std::chrono::milliseconds kHandOverAfter{10};

  struct Limits {
    Clock::duration hand_over_after = kHandOverAfter;
    Clock::duration max_duration = GpuSampler::kMaxDuration;
  };

  // `make_sample` is called for each new GPU. What it returns, and `emit`, run in other threads,
  // and may run after the destructor.
  GpuSamplers(MakeSample make_sample, GpuSampler::Emit emit)
      : GpuSamplers(std::move(make_sample), std::move(emit), Limits()) {}
  GpuSamplers(MakeSample make_sample, GpuSampler::Emit emit, Limits limits);

  // Lets another task run in turn with the samples. It must not be waited for while samples are
  // running.
  TimedTask<bool>::Executor executor() const;

  // The GPUs that are present from now on.
  void update(const std::vector<AmdgpuCard>& cards);

  // Starts a sample of each GPU that is present, unless one is running. Returns once these and the
  // other tasks have begun: each that hangs delays that by some milliseconds once, and each that is
  // slow does in every round.
  void start();

  // How long ago the current sample of a GPU was started. Absent if there is none.
  std::optional<Clock::duration> running_for(const std::string& pci_address) const;

  // Waits for the current samples of the GPUs that are present. Returns the PCI addresses of those
  // that timed out.
  std::vector<std::string> wait(Clock::time_point deadline) const;

  // Waits for all samples until they have been running for `patience`.
  void wait_for_recent(Clock::duration patience) const;

 private:
  struct SampledGpu {
    AmdgpuCard card;
    std::unique_ptr<GpuSampler> sampler;
    bool present = true;
  };

  std::unique_ptr<GpuSampler> make_sampler(const AmdgpuCard& card);

  const MakeSample make_sample_;
  const GpuSampler::Emit emit_;
  const Limits limits_;
  const std::shared_ptr<HandOverThreads> threads_;
  std::map<std::string, SampledGpu> gpus_;  // by PCI address; includes removed but hung GPUs
};

}  // namespace rig
