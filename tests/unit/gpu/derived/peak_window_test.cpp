#include "gpu/derived/peak_window.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <random>

#include "gpu/constants.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("A peak expires with its window and is replaced by the next highest sample") {
  PeakWindow peak(60s);
  CHECK_FALSE(peak.highest());
  peak.add(10, kStart);
  peak.add(300, kStart + 1s);
  peak.add(20, kStart + 2s);
  peak.add(5, kStart + 3s);
  CHECK(peak.highest() == 300);
  peak.expire(kStart + 60s);
  CHECK(peak.highest() == 300);
  peak.expire(kStart + 61s);
  CHECK(peak.highest() == 20);
  peak.expire(kStart + 62s);
  CHECK(peak.highest() == 5);
  peak.expire(kStart + 63s);
  CHECK_FALSE(peak.highest());
}

TEST_CASE("A peak may be negative but never infinite") {
  PeakWindow peak(60s);
  peak.add(-20, kStart);
  peak.add(std::numeric_limits<double>::infinity(), kStart + 1s);
  peak.add(std::numeric_limits<double>::quiet_NaN(), kStart + 2s);
  peak.add(-30, kStart + 3s);
  CHECK(peak.highest() == -20);
}

TEST_CASE("The peak of samples once per second is exactly the maximum of the window") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> value(0, 100);
  PeakWindow peak(60s);
  std::deque<double> last_minute;
  for (int i = 0; i < 2000; ++i) {
    last_minute.push_back(value(random));
    if (last_minute.size() > 60) last_minute.pop_front();
    peak.add(last_minute.back(), kStart + i * 1s);
    REQUIRE(peak.highest() == *std::max_element(last_minute.begin(), last_minute.end()));
  }
}

TEST_CASE("Memory is bounded at any sample rate, and the peak is not lost") {
  PeakWindow peak(60s);
  std::size_t max_size = 0;
  for (int i = 0; i < 200'000; ++i) {
    peak.add(-i, kStart + i * 1ms);
    max_size = std::max(max_size, peak.size());
  }
  CHECK(max_size <= 101);
  peak.add(12345, kStart + 200s);
  peak.add(1, kStart + 200s + 1ms);
  CHECK(peak.highest() == 12345);
}
