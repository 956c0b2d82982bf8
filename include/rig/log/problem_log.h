// Logs a problem of a source once, not at every scrape, and logs when all of its problems are
// resolved.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <span>
#include <string>

#include "rig/kernel/problem.h"

namespace rig {

class ProblemLog {
 public:
  explicit ProblemLog(std::string source) : source_(std::move(source)) {}

  // Call it with the current problems of the source after each read. A problem that persists is
  // logged again once an hour. May be called from any thread.
  void update(std::span<const Problem> problems);

 private:
  using Time = std::chrono::steady_clock::time_point;

  std::string source_;
  std::mutex mutex_;
  std::map<std::string, Time, std::less<>> logged_;  // current problem -> when it was last logged
};

}  // namespace rig
