// A thread that does one piece of work at a time for people who do not wait for ever.
//
// Anything that may block in the kernel is read in a lane of its own. Someone starts work and waits
// for its result until a deadline. Two people who ask at the same time share one piece of work.
// When the last of those who wait has given up, nobody waits for that work again: until it comes
// back, finish() says so at once, its result is dropped, and no second thread is spent on it.
//
// All functions may be called from any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace rig {

// Gives the calling thread a name for `ps -L` and gdb (at most 15 characters of it).
void name_this_thread(const std::string& name);

template <typename T>
class TimedTask {
 public:
  // What became of the work: its value, or why there is none.
  struct Outcome {
    std::shared_ptr<const T> value;
    std::string error;  // what the work threw
    bool late = false;  // it is still out
  };

  explicit TimedTask(std::string name)
      : shared_(std::make_shared<Shared>()), thread_([shared = shared_, name = std::move(name)] {
          name_this_thread(name);
          shared->run();
        }) {}
  TimedTask(const TimedTask&) = delete;
  TimedTask& operator=(const TimedTask&) = delete;

  // Never waits for work: a thread that is out is left to end when its work comes back.
  ~TimedTask() {
    const bool out = shared_->close();
    if (out) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }

  class Job;
  using Ticket = std::shared_ptr<Job>;

  // Starts `work`, or joins what is under way.
  Ticket start(std::function<T()> work) {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->job) {
      shared_->job = std::make_shared<Job>();
      shared_->job->work = std::move(work);
      shared_->changed.notify_all();
    }
    return shared_->job;
  }

  Outcome finish(const Ticket& ticket, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(shared_->mutex);
    ticket->patience = std::max(ticket->patience, deadline);
    const auto settled = [&] { return ticket->done || ticket->late; };
    const bool in_time = shared_->changed.wait_until(lock, deadline, settled);
    // Who waits less than others gives up for himself only.
    if (!in_time && deadline >= ticket->patience) {
      ticket->late = true;
      shared_->changed.notify_all();
    }
    if (!in_time || ticket->late) return {nullptr, {}, true};
    return {ticket->value, ticket->error, false};
  }

  // True while work is out that was given up.
  bool stuck() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->job && shared_->job->late;
  }

  class Job {
    friend class TimedTask;
    std::function<T()> work;
    std::shared_ptr<const T> value;
    std::string error;
    std::chrono::steady_clock::time_point patience{};  // the latest that somebody waits until
    bool done = false;
    bool late = false;
  };

 private:
  // Outlives the TimedTask while the thread is out.
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    Ticket job;  // waiting or under way; empty: idle
    bool closed = false;

    // True when work is out.
    bool close() {
      const std::lock_guard lock(mutex);
      closed = true;
      changed.notify_all();
      return job != nullptr;
    }

    void run() {
      std::unique_lock lock(mutex);
      while (true) {
        changed.wait(lock, [&] { return job || closed; });
        if (closed) return;
        const Ticket current = job;
        const auto work = std::exchange(current->work, nullptr);
        lock.unlock();
        std::shared_ptr<const T> value;
        std::string error;
        try {
          value = std::make_shared<const T>(work());
        } catch (const std::exception& problem) {
          error = problem.what();
        }
        lock.lock();
        current->value = std::move(value);
        current->error = std::move(error);
        current->done = true;
        job.reset();
        changed.notify_all();
      }
    }
  };

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace rig
