#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>

#include "gpu/gpu_reading_recorder.h"
#include "gpu/gpu_samples.h"
#include "gpu/supervisor/probe_supervisor.h"
#include "rig/config/config.h"
#include "rig/gpu/gpu_families.h"
#include "rig/metrics/instrumentation.h"
#include "rig/scrape/collectors.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A GPU is down if its latest reading is older than this, or than this many sample intervals if
// that is longer.
constexpr milliseconds kMaxAge{3000};
constexpr int kMaxAgeIntervals = 3;
// Upper limit of the wait for the first readings.
constexpr milliseconds kFirstReadings{5000};
// The time before the deadline that is reserved for adding the samples after the wait.
constexpr milliseconds kMargin{100};

class GpuCollector : public Collector {
 public:
  GpuCollector(const RootPaths& host, const Config& config)
      : privacy_(config.privacy),
        at_requests_(config.gpu.sample_interval == kAtRequests),
        fresh_for_(std::max(kMaxAge, kMaxAgeIntervals * config.gpu.sample_interval)),
        probe_({.probe = config.gpu.probe,
                .host = host,
                .sample_interval = config.gpu.sample_interval,
                .max_cpu_percent = config.gpu.max_cpu_percent,
                .peak_window = config.gpu.peak_window,
                .processes = config.gpu.processes,
                .limits = {},
                .send_signal = {},
                .on_reading = [recorder = recorder_](const ProbeGpus& gpus, const ProbeGpu& gpu) {
                  recorder->record(gpus, gpu);
                }}) {}

  void instrument(Instrumentation& instrumentation) override {
    restarts_ = instrumentation.add_counter(kRestarts);
  }

  void record_readings(const std::shared_ptr<SampleRecorder>& recorder) override {
    recorder_->record_to(recorder);
  }

  void collect(Samples& samples, Deadline deadline) override {
    const auto fresh_since = at_requests_ ? sampled_since(deadline) : regular_sample(deadline);
    const ProbeSnapshot snapshot = probe_.snapshot();
    restarts_.increase_to(static_cast<double>(snapshot.restarts));
    const GpuIdentification shown{privacy_.shows_serial_numbers(), privacy_.gpu_process_labels()};
    recorder_->use_indices([&](GpuIndices& indices) {
      const auto now = Clock::now();
      add_gpu_samples(samples, snapshot, indices, now, now - fresh_since, shown);
    });
  }

  bool ready() const override {
    if (!ready_ && (Clock::now() >= first_readings_by_ || has_first_readings(probe_.snapshot()))) {
      ready_ = true;
    }
    return ready_;
  }

 private:
  // Both return when the readings that are exported must have been started at the earliest.
  Clock::time_point regular_sample(Deadline deadline) {
    if (!ready()) probe_.wait(std::min(deadline - kMargin, first_readings_by_), has_first_readings);
    return Clock::now() - fresh_for_;
  }
  Clock::time_point sampled_since(Deadline deadline) {
    const auto requested = Clock::now();
    probe_.request_sample();
    probe_.wait(deadline - kMargin, [requested](const ProbeSnapshot& snapshot) {
      return has_readings_since(requested, snapshot);
    });
    return requested;
  }

  const Privacy privacy_;
  const bool at_requests_;
  const Clock::duration fresh_for_;
  const Clock::time_point first_readings_by_ = Clock::now() + kFirstReadings;
  mutable std::atomic<bool> ready_ = false;  // never false again
  // Shared with the supervisor's thread, which may outlive this object.
  const std::shared_ptr<GpuReadingRecorder> recorder_ = std::make_shared<GpuReadingRecorder>();
  EventCounter restarts_;
  ProbeSupervisor probe_;
};

}  // namespace

CollectorInfo gpu_collector() {
  return {"gpu", "AMD GPUs, through rig_gpu_probe", kGpuMetrics,
          [](const RootPaths& host, const Config& config) -> std::unique_ptr<Collector> {
            return std::make_unique<GpuCollector>(host, config);
          }};
}

}  // namespace rig
