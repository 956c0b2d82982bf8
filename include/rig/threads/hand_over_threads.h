// Runs operations, each of which may hang, one after the other in one thread.
//
// A thread for each of them would need two context switches for each, which take longer than some
// of them do. If one takes long, another thread goes on with those that wait: a hung operation
// blocks one thread and delays the others once for a few milliseconds. Used as the executor of
// TimedTasks, by the collections of a scrape and the samples of the GPUs.
//
// A TaskPool, in contrast, lets its caller wait for the results until a deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace rig {

class HandOverThreads {
 public:
  using Duration = std::chrono::steady_clock::duration;

  // Most operations take less. On large machines it lets those that take more run in parallel.
  static constexpr std::chrono::milliseconds kHandOverAfter{5};

  // Creates so many threads, or as many as it can: operations may hang when no thread can be
  // created any more. Others end when they have nothing to do. `thread_name` is shown by `ps -L`
  // and gdb.
  HandOverThreads(std::string thread_name, std::size_t count,
                  Duration hand_over_after = kHandOverAfter);
  HandOverThreads(const HandOverThreads&) = delete;
  HandOverThreads& operator=(const HandOverThreads&) = delete;
  // Operations that wait are dropped, and those that are running go on.
  ~HandOverThreads();

  // Calls `work`, which must not throw, after those that were posted before; or `refuse`, in the
  // thread of some caller, if all threads have been busy for 100 ms and no other can be
  // created.
  void post(std::function<void()> work, std::function<void()> refuse);

  // If operations wait and none has begun for `hand_over_after`, makes another thread go on with
  // them. To be called from time to time until it returns false: none waits.
  bool hand_over();

  // Whether a thread is idle; creates one if there is none.
  bool has_idle_thread();

 private:
  class Shared;
  std::shared_ptr<Shared> shared_;  // outlives this object while an operation is running
};

}  // namespace rig
