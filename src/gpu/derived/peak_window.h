// The highest sample of the last minute, or of any other time.
//
// Samples closer together than a hundredth of the window may count as one, with the highest value
// and the time of that: so the memory is bounded however fast they come. Used by one thread.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

namespace rig {

class PeakWindow {
 public:
  using Clock = std::chrono::steady_clock;

  explicit PeakWindow(Clock::duration window) : window_(window) {}

  void add(double value, Clock::time_point now);

  // Forgets what is as old as the window, or older.
  void expire(Clock::time_point now);

  // Of the window that ended at the latest call; absent when there was no sample in it.
  std::optional<double> highest() const;
  // How many are remembered.
  std::size_t size() const { return samples_.size(); }

 private:
  struct Sample {
    double value;
    Clock::time_point at;
  };

  Clock::duration window_;
  std::deque<Sample> samples_;  // each lower than the one before: that which may be highest yet
};

}  // namespace rig
