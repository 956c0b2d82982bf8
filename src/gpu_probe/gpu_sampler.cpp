#include "gpu_probe/gpu_sampler.h"

#include <thread>
#include <utility>

namespace rig {
namespace {

constexpr std::chrono::milliseconds kPollInterval{1};

}  // namespace

struct GpuSampler::State {
  Sample sample;
  Emit emit;
  Clock::duration max_duration{};
  unsigned dropped = 0;  // since the last emitted reading

  void run() {
    const auto started = Clock::now();  // not when it had to wait for other GPUs
    auto reading = sample();
    const auto took = Clock::now() - started;
    if (took > max_duration) {
      ++dropped;
    } else if (reading) {
      if (dropped > 0) reading->read_errors["timeout"] += std::exchange(dropped, 0);
      reading->took_seconds = std::chrono::duration<double>(took).count();
      emit(*reading);
    }
  }
};

GpuSampler::GpuSampler(const std::string& name, Sample sample, Emit emit,
                       Clock::duration max_duration, TimedTask<bool>::Executor executor)
    : state_(std::make_shared<State>(State{std::move(sample), std::move(emit), max_duration})),
      task_(name, name, {.limit = {}, .on_finished = {}, .executor = std::move(executor)}) {}

void GpuSampler::start() {
  task_.start([state = state_]() -> ReadResult<bool> {
    state->run();
    return true;
  });
}

// Polls, since TimedTask::result() would not wait again for a sample that has timed out once. Only
// --once and tests wait for samples.
bool GpuSampler::wait(Clock::time_point deadline) const {
  while (running_for()) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPollInterval);
  }
  return true;
}

}  // namespace rig
