// Integration of sampled values over time.
//
// A sample represents the time since the previous sample, because the firmware reports averages
// over the past. The increase of an integral between any two samples is therefore the time-weighted
// mean of the samples in between. The first sample adds nothing, and a sample after a gap adds
// nothing either. If a single sample is missing, the next one covers its time as well. Not
// thread-safe.
#pragma once

#include <chrono>
#include <optional>

namespace rig {

class SampledTime {
 public:
  using Clock = std::chrono::steady_clock;

  explicit SampledTime(Clock::duration max_gap) : max_gap_(max_gap) {}

  // Adds a sample. Returns the seconds that it represents.
  double sample(Clock::time_point now);

  // Excludes the time until the next sample.
  void interrupt() { last_.reset(); }

 private:
  Clock::duration max_gap_;
  std::optional<Clock::time_point> last_;
};

class SampledIntegral {
 public:
  using Clock = SampledTime::Clock;

  explicit SampledIntegral(Clock::duration max_gap) : time_(max_gap) {}

  void add(double value, Clock::time_point now) { total_ += value * time_.sample(now); }
  void interrupt() { time_.interrupt(); }
  double total() const { return total_; }

 private:
  SampledTime time_;
  double total_ = 0;
};

}  // namespace rig
