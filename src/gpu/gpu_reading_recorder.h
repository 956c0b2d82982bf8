// Passes the readings of the GPUs to a SampleRecorder as they arrive, with the labels that a scrape
// exports. All functions may be called from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "gpu/gpu_indices.h"
#include "gpu/supervisor/probe_snapshot.h"
#include "rig/metrics/sample_recorder.h"

namespace rig {

class GpuReadingRecorder {
 public:
  // Before, readings are not recorded.
  void record_to(std::shared_ptr<SampleRecorder> recorder);

  // A ReadingObserver (probe_snapshot.h).
  void record(const ProbeGpus& gpus, const ProbeGpu& gpu);

  // Calls `use` with the indices of the GPUs; meanwhile nothing is recorded.
  template <typename Use>
  void use_indices(Use&& use) {
    const std::lock_guard lock(mutex_);
    std::forward<Use>(use)(indices_);
  }

 private:
  std::mutex mutex_;
  GpuIndices indices_;
  std::shared_ptr<SampleRecorder> recorder_;  // may be null
};

}  // namespace rig
