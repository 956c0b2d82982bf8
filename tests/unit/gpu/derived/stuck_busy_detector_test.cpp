#include "gpu/derived/stuck_busy_detector.h"

#include <functional>
#include <limits>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

const StuckBusyDetector::Clock::time_point kStart{1000h};

// An idle RX 6800 with an open HIP context.
GpuReading stuck() {
  GpuReading reading;
  reading.busy_ratio = {{"gfx", 0.99}, {"memory", 0}};
  reading.clock_hertz = {{"mclk", 96e6}};
  reading.clock_min_hertz = {{"mclk", 96e6}};
  reading.power_watts = 35;
  reading.power_cap_watts = 203;
  return reading;
}

// The result after one sample per second for `seconds`.
std::optional<bool> after(int seconds, const GpuReading& reading) {
  StuckBusyDetector detector(3s);
  for (int i = 0; i <= seconds; ++i) detector.add(reading, kStart + i * 1s);
  return detector.suspect();
}

GpuReading stuck_but(const std::function<void(GpuReading&)>& change) {
  GpuReading reading = stuck();
  change(reading);
  return reading;
}

}  // namespace

TEST_CASE("A GPU that reports both busy and idle for a minute is suspect") {
  CHECK(after(0, stuck()) == false);
  CHECK(after(59, stuck()) == false);
  CHECK(after(60, stuck()) == true);
  CHECK(after(3600, stuck()) == true);
}

TEST_CASE("A GPU that does not report its memory activity can be suspect") {
  CHECK(after(60, stuck_but([](GpuReading& r) { r.busy_ratio.erase("memory"); })) == true);
}

TEST_CASE("Any sign of work clears the suspicion") {
  CHECK(after(99, stuck_but([](GpuReading& r) { r.busy_ratio["gfx"] = 0.89; })) == false);
  CHECK(after(99, stuck_but([](GpuReading& r) { r.busy_ratio["memory"] = 0.03; })) == false);
  CHECK(after(99, stuck_but([](GpuReading& r) { r.clock_hertz["mclk"] = 1000e6; })) == false);
  CHECK(after(99, stuck_but([](GpuReading& r) { r.power_watts = 51; })) == false);
}

TEST_CASE("The result is absent if a required value is missing") {
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) { r.busy_ratio.erase("gfx"); })));
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) { r.clock_hertz.clear(); })));
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) { r.clock_min_hertz.clear(); })));
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) { r.power_watts.reset(); })));
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) { r.power_cap_watts.reset(); })));
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) { r.power_cap_watts = 0; })));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(after(99, stuck_but([&](GpuReading& r) { r.clock_hertz["mclk"] = nan; })));
  CHECK_FALSE(after(99, stuck_but([&](GpuReading& r) { r.power_watts = nan; })));
}

TEST_CASE("A sample under load, a gap or a suspension restarts the minute") {
  StuckBusyDetector detector(3s);
  const auto feed = [&](int from, int to) {
    for (int i = from; i <= to; ++i) detector.add(stuck(), kStart + i * 1s);
    return detector.suspect();
  };
  REQUIRE(feed(0, 60) == true);
  detector.add(stuck_but([](GpuReading& r) { r.power_watts = 150; }), kStart + 61s);
  CHECK(detector.suspect() == false);
  CHECK(feed(62, 121) == false);
  CHECK(feed(122, 122) == true);
  CHECK(feed(126, 185) == false);  // 4 s without a sample
  CHECK(feed(186, 186) == true);
  detector.interrupt();
  CHECK_FALSE(detector.suspect());
  CHECK(feed(187, 246) == false);
  CHECK(feed(247, 247) == true);
}

TEST_CASE("An incomplete sample does not restart the minute") {
  StuckBusyDetector detector(3s);
  for (int i = 0; i <= 60; ++i) detector.add(stuck(), kStart + i * 1s);
  detector.add(GpuReading(), kStart + 61s);
  CHECK_FALSE(detector.suspect());
  detector.add(stuck(), kStart + 62s);
  CHECK(detector.suspect() == true);
}
