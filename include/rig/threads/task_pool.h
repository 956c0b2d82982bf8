// Runs many operations, each of which may hang, on few threads.
//
// One thread runs them one after the other as long as they return soon. If one does not, another
// thread runs the remaining ones: a hung operation blocks one thread and delays the others once for
// a short time. Until it returns, further calls of it time out immediately, and its result is
// dropped. In an ordinary thread pool each hung operation would block a worker, the next call would
// block another one, and the destructor would never return.
//
// For a single operation, or one that several callers share, see timed_task.h.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "rig/kernel/read_result.h"
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

  // Runs the tasks, identified by their keys, until the deadline. One caller at a time. A task must
  // own all objects that it uses, since it may outlive the pool.
  template <typename T>
  std::map<std::string, ReadResult<T>> run_all(std::map<std::string, PoolTask<T>> tasks,
                                               Time deadline) {
    std::map<std::string, std::shared_ptr<ReadResult<T>>> results;
    std::map<std::string, std::string> paths;
    Works works;
    for (auto& [key, task] : tasks) {
      const auto result = results[key] = std::make_shared<ReadResult<T>>();
      paths[key] = task.path;
      works[key] = [task = std::move(task), result] {
        *result = run_guarded<T>(task.work, task.path);
      };
    }
    const auto unfinished = run(std::move(works), deadline);
    std::map<std::string, ReadResult<T>> finished;
    for (const auto& [key, result] : results) {
      // The result of a task that timed out belongs to its thread.
      if (unfinished.timed_out.contains(key)) {
        finished.emplace(key, Problem::timed_out(paths[key]));
      } else if (unfinished.without_thread.contains(key)) {
        finished.emplace(key, Problem{Reason::failed, paths[key], no_thread_message()});
      } else {
        finished.emplace(key, std::move(*result));
      }
    }
    return finished;
  }

 private:
  using Works = std::map<std::string, std::function<void()>>;

  struct Unfinished {  // keys of tasks
    std::set<std::string> timed_out;
    std::set<std::string> without_thread;  // not started, because no thread could be created
  };

  Unfinished run(Works works, Time deadline);

  class Shared;
  std::shared_ptr<Shared> shared_;  // outlives this object while a task hangs
};

}  // namespace rig
