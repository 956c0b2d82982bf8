#include "gpu_probe/card_sampler.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include "rig/threads/timed_task.h"

namespace rig {

struct CardSampler::Shared {
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  Sample sample;
  Emit emit;
  Clock::duration oldest_reading{};
  std::optional<Clock::time_point> asked_at;  // a sample is wanted or under way
  unsigned dropped = 0;  // since the last reading that was emitted; of the thread
  bool closed = false;

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return closed || asked_at; });
      if (closed) return;
      const auto began = *asked_at;
      lock.unlock();
      sample_once(began);
      lock.lock();
      asked_at.reset();
      changed.notify_all();
    }
  }

  void sample_once(Clock::time_point began) {
    try {
      auto reading = sample();
      const auto took = Clock::now() - began;
      if (took > oldest_reading) {
        ++dropped;
      } else if (reading) {
        if (dropped > 0) reading->read_errors["timeout"] += std::exchange(dropped, 0);
        reading->took_seconds = std::chrono::duration<double>(took).count();
        emit(*reading);
      }
    } catch (const std::exception&) {  // out of memory: the next sample may fare better
    }
  }
};

CardSampler::CardSampler(const std::string& name, Sample sample, Emit emit,
                         Clock::duration oldest_reading)
    : shared_(std::make_shared<Shared>()) {
  shared_->sample = std::move(sample);
  shared_->emit = std::move(emit);
  shared_->oldest_reading = oldest_reading;
  thread_ = std::thread([shared = shared_, name] {
    name_this_thread(name);
    shared->run();
  });
}

CardSampler::~CardSampler() {
  std::unique_lock lock(shared_->mutex);
  shared_->closed = true;
  shared_->changed.notify_all();
  const bool out = shared_->asked_at.has_value();
  lock.unlock();
  if (out) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void CardSampler::tick() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->asked_at) return;
  shared_->asked_at = Clock::now();
  shared_->changed.notify_all();
}

std::optional<CardSampler::Clock::duration> CardSampler::out_for() const {
  const std::lock_guard lock(shared_->mutex);
  if (!shared_->asked_at) return std::nullopt;
  return Clock::now() - *shared_->asked_at;
}

bool CardSampler::wait(Clock::time_point deadline) const {
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_until(lock, deadline, [&] { return !shared_->asked_at; });
}

}  // namespace rig
