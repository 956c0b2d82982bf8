#include "gpu/derived/stuck_busy_detector.h"

#include <functional>
#include <limits>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

const StuckBusyDetector::Clock::time_point kStart{1000h};

// An RX 6800 that idles with an open HIP context.
GpuReading stuck() {
  GpuReading reading;
  reading.busy_ratio = {{"gfx", 0.99}, {"memory", 0}};
  reading.clock_hertz = {{"mclk", 96e6}};
  reading.clock_min_hertz = {{"mclk", 96e6}};
  reading.power_watts = 35;
  reading.power_cap_watts = 203;
  return reading;
}

// What is thought after a sample each second, the last one after `seconds`.
std::optional<bool> after(int seconds, const GpuReading& reading) {
  StuckBusyDetector suspicion(3s);
  for (int i = 0; i <= seconds; ++i) suspicion.add(reading, kStart + i * 1s);
  return suspicion.suspect();
}

GpuReading stuck_but(const std::function<void(GpuReading&)>& change) {
  GpuReading reading = stuck();
  change(reading);
  return reading;
}

}  // namespace

TEST_CASE("A card that is busy and idle at once for a minute is suspect") {
  CHECK(after(0, stuck()) == false);
  CHECK(after(59, stuck()) == false);
  CHECK(after(60, stuck()) == true);
  CHECK(after(3600, stuck()) == true);
}

TEST_CASE("A card that does not tell its memory's activity can be suspect") {
  CHECK(after(60, stuck_but([](GpuReading& r) { r.busy_ratio.erase("memory"); })) == true);
}

TEST_CASE("Each sign of work clears the suspicion") {
  CHECK(after(99, stuck_but([](GpuReading& r) { r.busy_ratio["gfx"] = 0.89; })) == false);
  CHECK(after(99, stuck_but([](GpuReading& r) { r.busy_ratio["memory"] = 0.03; })) == false);
  CHECK(after(99, stuck_but([](GpuReading& r) { r.clock_hertz["mclk"] = 1000e6; })) == false);
  CHECK(after(99, stuck_but([](GpuReading& r) { r.power_watts = 51; })) == false);
}

TEST_CASE("What is needed to suspect and is not known leaves it open") {
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

TEST_CASE("One sample of work, a gap or a sleep begins the minute anew") {
  StuckBusyDetector suspicion(3s);
  const auto feed = [&](int from, int to) {
    for (int i = from; i <= to; ++i) suspicion.add(stuck(), kStart + i * 1s);
    return suspicion.suspect();
  };
  REQUIRE(feed(0, 60) == true);
  suspicion.add(stuck_but([](GpuReading& r) { r.power_watts = 150; }), kStart + 61s);
  CHECK(suspicion.suspect() == false);
  CHECK(feed(62, 121) == false);
  CHECK(feed(122, 122) == true);
  CHECK(feed(126, 185) == false);  // 4 s without a sample
  CHECK(feed(186, 186) == true);
  suspicion.interrupt();
  CHECK_FALSE(suspicion.suspect());
  CHECK(feed(187, 246) == false);
  CHECK(feed(247, 247) == true);
}

TEST_CASE("A sample that does not say enough neither suspects nor clears") {
  StuckBusyDetector suspicion(3s);
  for (int i = 0; i <= 60; ++i) suspicion.add(stuck(), kStart + i * 1s);
  suspicion.add(GpuReading(), kStart + 61s);
  CHECK_FALSE(suspicion.suspect());
  suspicion.add(stuck(), kStart + 62s);
  CHECK(suspicion.suspect() == true);
}
