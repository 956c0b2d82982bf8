// Logs what is wrong with a source once, not at every scrape, and logs when it is well again.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <span>
#include <string>

namespace rig {

class ProblemLog {
 public:
  explicit ProblemLog(std::string source) : source_(std::move(source)) {}

  // Told after each look at the source what is wrong with it now. A problem that stands is repeated
  // once an hour. Any thread.
  void update(std::span<const std::string> problems);

 private:
  using Time = std::chrono::steady_clock::time_point;

  std::string source_;
  std::mutex mutex_;
  std::map<std::string, Time, std::less<>>
      logged_;  // a problem that stands -> when it was last logged
};

}  // namespace rig
