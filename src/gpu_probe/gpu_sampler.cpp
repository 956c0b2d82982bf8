#include "gpu_probe/gpu_sampler.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include "rig/threads/timed_task.h"

namespace rig {

struct GpuSampler::Shared {
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  Sample sample;
  Emit emit;
  Clock::duration max_duration{};
  std::optional<Clock::time_point> started_at;  // a sample is requested or running
  unsigned dropped = 0;  // since the last emitted reading; used only by the thread
  bool closed = false;

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return closed || started_at; });
      if (closed) return;
      const auto began = *started_at;
      lock.unlock();
      sample_once(began);
      lock.lock();
      started_at.reset();
      changed.notify_all();
    }
  }

  void sample_once(Clock::time_point began) {
    try {
      auto reading = sample();
      const auto took = Clock::now() - began;
      if (took > max_duration) {
        ++dropped;
      } else if (reading) {
        if (dropped > 0) reading->read_errors["timeout"] += std::exchange(dropped, 0);
        reading->took_seconds = std::chrono::duration<double>(took).count();
        emit(*reading);
      }
    } catch (const std::exception&) {  // out of memory: the next sample may succeed
    }
  }
};

GpuSampler::GpuSampler(const std::string& name, Sample sample, Emit emit,
                       Clock::duration max_duration)
    : shared_(std::make_shared<Shared>()) {
  shared_->sample = std::move(sample);
  shared_->emit = std::move(emit);
  shared_->max_duration = max_duration;
  thread_ = std::thread([shared = shared_, name] {
    name_this_thread(name);
    shared->run();
  });
}

GpuSampler::~GpuSampler() {
  std::unique_lock lock(shared_->mutex);
  shared_->closed = true;
  shared_->changed.notify_all();
  const bool running = shared_->started_at.has_value();
  lock.unlock();
  if (running) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void GpuSampler::start() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->started_at) return;
  shared_->started_at = Clock::now();
  shared_->changed.notify_all();
}

std::optional<GpuSampler::Clock::duration> GpuSampler::running_for() const {
  const std::lock_guard lock(shared_->mutex);
  if (!shared_->started_at) return std::nullopt;
  return Clock::now() - *shared_->started_at;
}

bool GpuSampler::wait(Clock::time_point deadline) const {
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_until(lock, deadline, [&] { return !shared_->started_at; });
}

}  // namespace rig
