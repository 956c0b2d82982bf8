// A few threads that do many pieces of work, each of which may hang.
//
// One thread does them all as long as they come back soon. When one does not, another thread goes
// on with the rest: a piece that hangs costs one thread and, once, a moment of the others' time.
// Until it comes back it is late at once for everybody who asks for it again, and its result is
// dropped.
//
// For a single piece of work, or one that several people share, see timed_task.h.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "rig/threads/timed_task.h"

namespace rig {

class TaskPool {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The threads' name for `ps -L` and gdb.
  explicit TaskPool(std::string name);
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;
  // Never waits for work that hangs: its thread is left to end when it comes back.
  ~TaskPool();

  // Does pieces of work, known by their keys, until the deadline; one caller at a time. A piece
  // owns all that it touches: it may go on after this object has gone.
  template <typename T>
  std::map<std::string, typename TimedTask<T>::Outcome> run(
      std::map<std::string, std::function<T()>> pieces, Time deadline) {
    using Outcome = typename TimedTask<T>::Outcome;
    std::map<std::string, std::shared_ptr<Outcome>> results;
    Pieces plain;
    for (auto& [key, work] : pieces) {
      const auto result = results[key] = std::make_shared<Outcome>();
      plain[key] = [work = std::move(work), result] {
        try {
          result->value = std::make_shared<const T>(work());
        } catch (const std::exception& problem) {
          result->error = problem.what();
        }
      };
    }
    const auto late = run_pieces(std::move(plain), deadline);
    std::map<std::string, Outcome> outcomes;
    // The result of late work is its thread's own.
    for (const auto& [key, result] : results)
      outcomes[key] = late.contains(key) ? Outcome{nullptr, {}, true} : *result;
    return outcomes;
  }

 private:
  using Pieces = std::map<std::string, std::function<void()>>;

  // The keys of the pieces that were not done.
  std::set<std::string> run_pieces(Pieces pieces, Time deadline);

  class Shared;
  std::shared_ptr<Shared> shared_;  // outlives us while a thread is out
};

}  // namespace rig
