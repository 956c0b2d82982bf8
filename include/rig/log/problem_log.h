// Logs a problem of a source once, not at every scrape, and logs when it is resolved.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

// A problem is the same as before if its reason and path are: its text may contain a number that
// changes. The log stays small whatever the problems are: one that comes and goes is logged at most
// 3 times per hour, and all together at most 20 lines per minute; the number of the others is
// logged. What was left out is logged later if it persists. The end of each problem that was logged
// is logged, too, unless another problem may hide that it persists; if no problem is left, one line
// says that.
class ProblemLog {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit ProblemLog(std::string source) : source_(std::move(source)) {}

  // Call it with the current problems of the source after each read. A problem that persists is
  // logged again once an hour. May be called from any thread.
  void update(std::span<const Problem> problems, Time now = std::chrono::steady_clock::now());

  // The same after a read that was not completed: other problems may persist.
  void add(std::span<const Problem> problems, Time now = std::chrono::steady_clock::now());

 private:
  struct Logged {
    Time last;
    Time first;           // of those that `times` counts
    int times = 0;        // logged since `first`
    bool current = true;  // among the latest problems
    bool open = false;    // its beginning was logged, and its end was not
  };
  using Entries = std::map<std::string, Logged>;  // by reason and path

  void update(std::span<const Problem> problems, bool complete, Time now);
  bool log(const Problem& problem, Time now);
  void log_ends(bool none_left, Time now);
  void forget_old(Time now);
  bool may_write(Time now);
  void write_left_out(std::size_t count, Time now);

  std::string source_;
  std::mutex mutex_;
  Entries logged_;
  Time minute_start_ = Time::min();
  int lines_in_minute_ = 0;
  Time left_out_at_ = Time::min();
};

}  // namespace rig
