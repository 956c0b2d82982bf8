// Time between samples, and values added up over it.
//
// A sample stands for the time since the sample before it: that is what a card's averaging
// firmware measured, and so the increase between any two samples is the mean of exactly the samples
// in between, each weighted with its time. The first sample adds nothing, nor does one after a gap:
// nobody saw what was between. A single sample that is missing is no gap; the next one stands for
// its time too. Used by one thread.
#pragma once

#include <chrono>
#include <optional>

namespace rig {

class SampledTime {
 public:
  using Clock = std::chrono::steady_clock;

  explicit SampledTime(Clock::duration longest_gap) : longest_gap_(longest_gap) {}

  // A sample: the seconds that it stands for.
  double sample(Clock::time_point now);

  // Nothing is known of the time until the next sample.
  void interrupt() { last_.reset(); }

 private:
  Clock::duration longest_gap_;
  std::optional<Clock::time_point> last_;
};

class SampledIntegral {
 public:
  using Clock = SampledTime::Clock;

  explicit SampledIntegral(Clock::duration longest_gap) : time_(longest_gap) {}

  void add(double value, Clock::time_point now) { total_ += value * time_.sample(now); }
  void interrupt() { time_.interrupt(); }
  double total() const { return total_; }

 private:
  SampledTime time_;
  double total_ = 0;
};

}  // namespace rig
