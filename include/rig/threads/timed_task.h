// Runs one operation that may hang in its own thread, for callers with a deadline. A thread with
// InlineOperations runs it itself, as long as it takes no longer than a few milliseconds.
//
// A read of a kernel file may block without limit, because of a driver or a file server, and cannot
// be interrupted. An ordinary thread pool or std::async is not suitable: their destructors join a
// thread that may never return, and each new call would block one more thread. A TimedTask has
// exactly one thread. An operation whose last caller has timed out is hung: until it returns,
// result() times out immediately for all callers, its result is dropped, and no second thread is
// started. So is one that has taken longer than `Options::limit`, even if callers would wait
// longer.
//
// Callers that start at the same time share one run. All functions may be called from any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "rig/kernel/read_result.h"
#include "rig/threads/inline_operations.h"
#include "rig/threads/run_guarded.h"
#include "rig/threads/thread_limit.h"
#include "rig/threads/thread_name.h"

namespace rig {

template <typename T>
class TimedTask {
 public:
  using Clock = std::chrono::steady_clock;
  using Work = std::function<ReadResult<T>()>;

  // Calls the first function in some thread soon, or the second one if there is no thread for it.
  using Executor = std::function<void(std::function<void()> work, std::function<void()> refuse)>;

  struct Options {
    std::optional<Clock::duration> limit;    // of a run; absent: that of the callers' deadlines
    std::function<void()> on_finished = {};  // called after each run in its thread; must not throw
    Executor executor = {};                  // empty: a thread of its own
  };

  // `thread_name` is shown by `ps -L` and gdb; `path` is what the operation reads, for its
  // problems.
  explicit TimedTask(std::string thread_name, std::string path = {}, Options options = {})
      : path_(std::move(path)),
        thread_name_(std::move(thread_name)),
        limit_(options.limit),
        executor_(std::move(options.executor)),
        shared_(std::make_shared<Shared>()) {
    shared_->on_finished = std::move(options.on_finished);
  }
  TimedTask(const TimedTask&) = delete;
  TimedTask& operator=(const TimedTask&) = delete;

  // Never waits for an operation: the thread of a running one is left behind and ends when it
  // returns.
  ~TimedTask() {
    const bool running = shared_->close();
    if (!thread_.joinable()) return;
    if (running) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }

  class Run;
  using Ticket = std::shared_ptr<Run>;

  // Starts `work`, or joins the run in progress. `work` must own all objects that it uses, since it
  // may outlive this object. If there is no thread for it, the run has a problem at once.
  Ticket start(Work work) {
    std::unique_lock lock(shared_->mutex);
    if (shared_->run) return shared_->run;
    InlineOperations* const operations =
        shared_->slow ? nullptr : InlineOperations::of_this_thread();
    const bool in_own_thread = operations == nullptr && !executor_;
    auto run = std::make_shared<Run>();
    if (in_own_thread && !thread_.joinable() && !create_thread()) {
      run->result = Problem{Reason::failed, path_, no_thread_message()};
      return run;
    }
    shared_->run = run;
    if (in_own_thread) {
      run->work = std::move(work);
      lock.unlock();  // the thread would wait for it
      shared_->changed.notify_all();
      return run;
    }
    lock.unlock();
    if (operations != nullptr) {
      operations->run([&] { shared_->execute(run, work, path_); });
    } else {
      execute_elsewhere(run, std::move(work));
    }
    return run;
  }

  // For a run in progress whose thread had an operation given up (InlineOperations): starts `work`,
  // which takes its place. Only with an executor.
  // For one that is settled() without a result, forget() lets start() begin another one.
  void start_again(const Ticket& run, Work work) { execute_elsewhere(run, std::move(work)); }
  void forget(const Ticket& run) {
    const std::lock_guard lock(shared_->mutex);
    shared_->remove(run);
  }

  // Waits for a run until the deadline.
  ReadResult<T> result(const Ticket& ticket, Clock::time_point deadline) {
    std::unique_lock lock(shared_->mutex);
    if (limit_) deadline = std::min(deadline, ticket->started + *limit_);
    ticket->latest_deadline = std::max(ticket->latest_deadline, deadline);
    const bool in_time =
        shared_->changed.wait_until(lock, deadline, [&] { return ticket->settled(); });
    // A caller with an earlier deadline times out without affecting the others.
    if (!in_time && deadline >= ticket->latest_deadline) {
      ticket->hung = true;
      shared_->changed.notify_all();
    }
    if (!in_time || ticket->hung) return Problem::timed_out(path_);
    return *ticket->result;
  }

  // Waits until result() does not wait any more, at most for `duration`; returns whether that is
  // so. Has no effect on the run.
  bool wait_for(const Ticket& ticket, Clock::duration duration) {
    {
      std::unique_lock lock(shared_->mutex);
      shared_->changed.wait_for(lock, duration, [&] { return ticket->settled(); });
    }
    return settled(ticket);
  }

  // The result if it is there, without waiting; otherwise timed_out, which has no effect on others.
  ReadResult<T> result_now(const Ticket& ticket) const {
    const std::lock_guard lock(shared_->mutex);
    if (!ticket->result.has_value() || ticket->hung) return Problem::timed_out(path_);
    return *ticket->result;
  }

  // True once result() does not wait any more.
  bool settled(const Ticket& ticket) const {
    const std::lock_guard lock(shared_->mutex);
    return ticket->settled() || (limit_ && Clock::now() >= ticket->started + *limit_);
  }

  ReadResult<T> run(Work work, Clock::time_point deadline) {
    return result(start(std::move(work)), deadline);
  }

  // Options::limit from now on, also for the run in progress.
  void set_limit(std::optional<Clock::duration> limit) {
    const std::lock_guard lock(shared_->mutex);
    limit_ = limit;
  }

  // True while an operation is running whose last caller has timed out.
  bool hung() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->run && shared_->run->hung;
  }

  // For how long the operation in progress has been running; absent when none is.
  std::optional<Clock::duration> running_for() const {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->run) return std::nullopt;
    return Clock::now() - shared_->run->started;
  }

  class Run {
    friend class TimedTask;
    Work work;
    Clock::time_point started = Clock::now();
    std::optional<ReadResult<T>> result;
    Clock::time_point latest_deadline{};  // of all callers that wait
    bool hung = false;

    bool settled() const { return result.has_value() || hung; }
  };

 private:
  // Outlives the TimedTask while an operation hangs.
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    Ticket run;         // waiting or in progress; null: idle
    bool slow = false;  // the latest run was, so that the next one gets a thread
    bool closed = false;
    std::function<void()> on_finished;

    // With the lock.
    void remove(const Ticket& ended) {
      if (run == ended) run.reset();
    }

    // True when an operation is in progress.
    bool close() {
      const std::lock_guard lock(mutex);
      closed = true;
      changed.notify_all();
      return run != nullptr;
    }

    // Without the lock.
    void execute(const Ticket& current, const Work& work, const std::string& path) {
      const auto begin = Clock::now();
      auto result = run_guarded(work, path);
      const bool was_slow = Clock::now() - begin >= InlineOperations::kSlow;
      finish(current, std::move(result), was_slow);
    }

    void finish(const Ticket& current, ReadResult<T> result, bool was_slow) {
      {
        const std::lock_guard lock(mutex);
        current->result = std::move(result);
        slow = was_slow;
        remove(current);
      }
      changed.notify_all();
      if (on_finished) on_finished();
    }

    void serve(const std::string& path) {
      std::unique_lock lock(mutex);
      while (true) {
        changed.wait(lock, [&] { return (run && run->work) || closed; });
        if (closed) return;
        const Ticket current = run;
        const auto work = std::exchange(current->work, nullptr);
        lock.unlock();
        execute(current, work, path);
        lock.lock();
      }
    }
  };

  void execute_elsewhere(const Ticket& run, Work work) {
    try {
      executor_(
          [shared = shared_, run, work = std::move(work), path = path_] {
            try {
              shared->execute(run, work, path);
            } catch (const InlineOperations::GivenUp&) {  // start_again() or forget() was called
            }
          },
          [shared = shared_, run, path = path_] {
            shared->finish(run, Problem{Reason::failed, path, no_thread_message()}, false);
          });
    } catch (const std::bad_alloc&) {
      shared_->finish(run, out_of_memory(), false);
    }
  }

  // False if there are too many threads.
  bool create_thread() {
    try {
      thread_ = std::thread([shared = shared_, name = thread_name_, path = path_] {
        set_thread_name(name);
        shared->serve(path);
      });
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

  const std::string path_;
  const std::string thread_name_;
  std::optional<Clock::duration> limit_;  // guarded by the mutex
  const Executor executor_;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;  // not joinable until it is needed
};

}  // namespace rig
