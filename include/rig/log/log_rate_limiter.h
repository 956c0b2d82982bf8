// Keeps a program that repeats itself from filling the log.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace rig {

// Lets a message pass once a minute, and at most `kDistinct` different ones a minute. Used by one
// thread.
class LogRateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kAgain{1};
  static constexpr std::size_t kDistinct = 64;

  bool passes(std::string_view message, Time now);

  // How many did not pass in the last minute or more, once a minute; otherwise 0.
  std::size_t kept_back(Time now);

 private:
  std::map<std::string, Time, std::less<>> passed_;
  std::size_t kept_back_ = 0;
  Time told_ = std::chrono::steady_clock::now();
};

}  // namespace rig
