// The highest sample within a sliding time window.
//
// Samples that are closer together than a hundredth of the window may be merged, keeping the
// highest value and its time, so that memory usage is bounded at any sample rate. Not thread-safe.
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

  // Removes the samples that have left the window.
  void expire(Clock::time_point now);

  // The highest sample in the window as of the latest call. Absent if there is none.
  std::optional<double> highest() const;
  // The number of stored samples.
  std::size_t size() const { return samples_.size(); }

 private:
  struct Sample {
    double value;
    Clock::time_point at;
  };

  Clock::duration window_;
  // Strictly decreasing values: each is the highest once those before it have expired.
  std::deque<Sample> samples_;
};

}  // namespace rig
