// Runs many operations, each of which may hang, on few threads.
//
// One thread runs them one after the other as long as they return soon. If one does not, another
// thread runs the remaining ones: a hung operation blocks one thread and delays the others once for
// a short time. Until it returns, further calls of it time out immediately, and its result is
// dropped. In an ordinary thread pool each hung operation would block a worker, the next call would
// block another one, and the destructor would never return.
//
// A caller with InlineOperations runs the tasks itself, except those that were slow the last time.
//
// For a single operation, or one that several callers share, see timed_task.h.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <typeinfo>
#include <utility>

#include "rig/kernel/read_result.h"
#include "rig/threads/inline_operations.h"
#include "rig/threads/thread_limit.h"
#include "rig/threads/timed_task.h"

namespace rig {

template <typename T>
struct PoolTask {
  std::string path;  // what it reads, for its problems
  std::function<ReadResult<T>()> work;
};

class TaskPool {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit TaskPool(std::string thread_name);
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;
  // Never waits for an operation that hangs: its thread is left behind and ends when it returns.
  ~TaskPool();

  // Runs the tasks, identified by their keys, until the deadline. One caller at a time, except one
  // whose operation was given up (InlineOperations): its task in progress is joined. A task must
  // own all objects that it uses, since it may outlive the pool.
  template <typename T>
  std::map<std::string, ReadResult<T>> run_all(std::map<std::string, PoolTask<T>> tasks,
                                               Time deadline) {
    std::map<std::string, ReadResult<T>> results;
    if (auto* const operations = InlineOperations::of_this_thread()) {
      results = run_inline(*operations, tasks, deadline);
      if (tasks.empty()) return results;
    }
    std::map<std::string, std::string> paths;
    Works works;
    for (auto& [key, task] : tasks) {
      paths[key] = task.path;
      const auto result = std::make_shared<ReadResult<T>>();
      works[key].result = {result, &typeid(T)};
      works[key].run = [task = std::move(task), result] {
        *result = run_guarded<T>(task.work, task.path);
      };
    }
    for (auto& [key, outcome] : run(std::move(works), deadline)) {
      // The result of a task that timed out belongs to its thread.
      if (outcome.state == State::timed_out) {
        results.emplace(key, Problem::timed_out(paths[key]));
      } else if (outcome.state == State::without_thread) {
        results.emplace(key, Problem{Reason::failed, paths[key], no_thread_message()});
      } else {
        results.emplace(key, std::move(*std::static_pointer_cast<ReadResult<T>>(outcome.result)));
      }
    }
    return results;
  }

 private:
  struct Result {
    std::shared_ptr<void> value;  // a ReadResult of `type`
    const std::type_info* type = nullptr;
  };
  struct Work {
    std::function<void()> run;
    Result result;
  };
  using Works = std::map<std::string, Work>;

  enum class State { finished, timed_out, without_thread };
  struct Outcome {
    State state = State::finished;
    std::shared_ptr<void> result;
  };

  // Runs tasks in this thread, and removes them from `tasks`. The others need a thread.
  template <typename T>
  std::map<std::string, ReadResult<T>> run_inline(InlineOperations& operations,
                                                  std::map<std::string, PoolTask<T>>& tasks,
                                                  Time deadline) {
    std::map<std::string, ReadResult<T>> results;
    bool slow = false;  // if one of them is, all may be
    std::erase_if(tasks, [&](const auto& entry) {
      const std::string& key = entry.first;
      const PoolTask<T>& task = entry.second;
      if (slow) return false;
      const auto result = std::make_shared<ReadResult<T>>();
      const InlineStart start = begin_inline(key, {result, &typeid(T)}, deadline);
      if (start == InlineStart::needs_thread) return false;
      if (start == InlineStart::timed_out) {
        results.emplace(key, Problem::timed_out(task.path));
        return true;
      }
      operations.run([&] {
        const Time begin = std::chrono::steady_clock::now();
        *result = run_guarded<T>(task.work, task.path);
        const Time::duration duration = std::chrono::steady_clock::now() - begin;
        slow = duration >= InlineOperations::kSlow;
        end_inline(key, duration);
      });
      results.emplace(key, std::move(*result));
      return true;
    });
    return results;
  }

  enum class InlineStart { begun, timed_out, needs_thread };
  InlineStart begin_inline(const std::string& key, Result result, Time deadline);
  void end_inline(const std::string& key, Time::duration duration);

  std::map<std::string, Outcome> run(Works works, Time deadline);

  class Shared;
  std::shared_ptr<Shared> shared_;  // outlives this object while a task hangs
};

}  // namespace rig
