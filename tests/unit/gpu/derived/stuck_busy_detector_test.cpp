#include "gpu/derived/stuck_busy_detector.h"

#include <cmath>
#include <functional>
#include <limits>

#include "gpu/constants.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// An idle RX 6800 with an open HIP context.
GpuReading stuck() {
  GpuReading reading;
  reading.busy_ratio = {{"gfx", 0.99}, {"memory", 0}};
  reading.clock_hertz = {{"mclk", 96e6}};
  reading.clock_min_hertz = {{"mclk", 96e6}};
  reading.clock_max_hertz = {{"mclk", 1000e6}};
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
  CHECK(after(99, stuck_but([](GpuReading& r) { r.power_watts = 102; })) == false);
}

TEST_CASE("The result is absent if a required value is missing") {
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) { r.busy_ratio.erase("gfx"); })));
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) { r.clock_hertz.clear(); })));
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) { r.clock_min_hertz.clear(); })));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(after(99, stuck_but([&](GpuReading& r) { r.clock_hertz["mclk"] = nan; })));
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

TEST_CASE("A confirmed suspicion outlasts samples that do not decide") {
  StuckBusyDetector detector(3s);
  const auto undecided = stuck_but([](GpuReading& r) { r.clock_min_hertz.clear(); });
  for (int i = 0; i <= 60; ++i) detector.add(stuck(), kStart + i * 1s);
  REQUIRE(detector.confirmed());
  for (int i = 61; i <= 80; ++i) detector.add(undecided, kStart + i * 1s);
  CHECK_FALSE(detector.suspect());
  CHECK(detector.confirmed());
  detector.add(stuck(), kStart + 81s);
  CHECK(detector.suspect() == true);
  detector.add(stuck_but([](GpuReading& r) { r.busy_ratio["gfx"] = 0.2; }), kStart + 82s);
  CHECK_FALSE(detector.confirmed());
}

TEST_CASE("An incomplete sample does not restart the minute") {
  StuckBusyDetector detector(3s);
  for (int i = 0; i <= 60; ++i) detector.add(stuck(), kStart + i * 1s);
  detector.add(GpuReading(), kStart + 61s);
  CHECK_FALSE(detector.suspect());
  detector.add(stuck(), kStart + 62s);
  CHECK(detector.suspect() == true);
}

TEST_CASE("A GPU that is stuck may draw a third of its cap") {
  struct Report {
    double watts;
    double cap;
    double lowest_hertz;
  };
  // RX 7900 XTX, Radeon AI PRO R9700, RX 9060 XT.
  const Report report =
      GENERATE(Report{107, 291, 96e6}, Report{90, 300, 96e6}, Report{44, 160, 97e6});
  CHECK(after(60, stuck_but([&](GpuReading& r) {
                r.busy_ratio["gfx"] = 1;
                r.power_watts = report.watts;
                r.power_cap_watts = report.cap;
                r.clock_hertz["mclk"] = r.clock_min_hertz["mclk"] = report.lowest_hertz;
              })) == true);
}

TEST_CASE("A GPU whose power is unknown can be suspect") {
  CHECK(after(60, stuck_but([](GpuReading& r) { r.power_watts.reset(); })) == true);
  CHECK(after(60, stuck_but([](GpuReading& r) { r.power_cap_watts.reset(); })) == true);
  CHECK(after(60, stuck_but([](GpuReading& r) { r.power_cap_watts = 0; })) == true);
  CHECK(after(60, stuck_but([](GpuReading& r) { r.power_watts = std::nan(""); })) == true);
}

TEST_CASE("A clock that gpu_metrics rounds differently is still the lowest level") {
  CHECK(after(60, stuck_but([](GpuReading& r) { r.clock_hertz["mclk"] = 97e6; })) == true);
  CHECK(after(60, stuck_but([](GpuReading& r) { r.clock_hertz["mclk"] = 456e6; })) == false);
}

TEST_CASE("A memory clock with one level only is no sign") {
  CHECK_FALSE(after(99, stuck_but([](GpuReading& r) {
                      r.clock_hertz["mclk"] = r.clock_min_hertz["mclk"] =
                          r.clock_max_hertz["mclk"] = 1200e6;
                    })));
}

TEST_CASE("With a forced performance level, only a low power shows that a GPU is idle") {
  const char* level = GENERATE("low", "manual", "profile_min_mclk");
  const auto forced = [&](std::optional<double> watts) {
    return stuck_but([&](GpuReading& r) {
      r.performance_level = level;
      r.power_watts = watts;
    });
  };
  CHECK(after(60, forced(35)) == true);
  CHECK(after(60, forced(80)) == false);
  CHECK_FALSE(after(60, forced({})));
}

TEST_CASE("An APU is suspect only while nothing uses the memory of the system") {
  const auto apu = [](double memory_hertz, double gfx) {
    GpuReading reading;
    reading.busy_ratio = {{"gfx", gfx}};
    reading.clock_hertz = {{"mclk", memory_hertz}};
    reading.clock_min_hertz = {{"mclk", 1000e6}};
    reading.clock_max_hertz = {{"mclk", 2800e6}};
    reading.power_watts = 25;
    return reading;
  };
  CHECK(after(60, apu(1000e6, 1)) == true);
  CHECK(after(60, apu(1000e6, 0.2)) == false);
  CHECK_FALSE(after(60, apu(2800e6, 1)));
  CHECK(after(60, apu(2800e6, 0.2)) == false);
}

TEST_CASE("The signs are known from the first sample on, and forgotten without samples") {
  StuckBusyDetector detector(3s);
  detector.add(stuck(), kStart);
  CHECK(detector.may_be_suspect());
  detector.add(GpuReading(), kStart + 3s);
  CHECK(detector.may_be_suspect());
  detector.add(GpuReading(), kStart + 4s);
  CHECK_FALSE(detector.may_be_suspect());
}

TEST_CASE("A memory clock that is raised for two samples does not end a suspicion") {
  StuckBusyDetector detector(3s);
  const auto raised = stuck_but([](GpuReading& r) { r.clock_hertz["mclk"] = 1000e6; });
  for (int i = 0; i <= 200; ++i) {
    const bool is_raised = i % 20 >= 18;  // of each 20 s, the last two
    detector.add(is_raised ? raised : stuck(), kStart + i * 1s);
    CHECK(detector.may_be_suspect());
    CHECK(detector.suspect() == (is_raised ? std::nullopt : std::optional(i >= 60)));
  }
  CHECK(detector.confirmed());
}

TEST_CASE("A memory clock that stays raised ends a suspicion with its third sample") {
  const int seconds = GENERATE(10, 100);
  StuckBusyDetector detector(3s);
  const auto raised = stuck_but([](GpuReading& r) { r.clock_hertz["mclk"] = 456e6; });
  for (int i = 0; i <= seconds; ++i) detector.add(stuck(), kStart + i * 1s);
  detector.add(raised, kStart + (seconds + 1) * 1s);
  detector.add(raised, kStart + (seconds + 2) * 1s);
  CHECK_FALSE(detector.suspect());
  CHECK(detector.may_be_suspect());
  detector.add(raised, kStart + (seconds + 3) * 1s);
  CHECK(detector.suspect() == false);
  CHECK_FALSE(detector.may_be_suspect());
  CHECK_FALSE(detector.confirmed());
}

TEST_CASE("A raised memory clock ends a suspicion at once if another value shows work, or may") {
  StuckBusyDetector detector(3s);
  for (int i = 0; i <= 60; ++i) detector.add(stuck(), kStart + i * 1s);
  REQUIRE(detector.confirmed());
  detector.add(GENERATE(stuck_but([](GpuReading& r) {
                          r.clock_hertz["mclk"] = 1000e6;
                          r.power_watts = 180;
                        }),
                        stuck_but([](GpuReading& r) {
                          r.clock_hertz["mclk"] = 1000e6;
                          r.busy_ratio["memory"] = 0.4;
                        }),
                        stuck_but([](GpuReading& r) {
                          r.clock_hertz["mclk"] = 945e6;
                          r.busy_ratio.erase("memory");  // not reported, as on Vega 10
                        })),
               kStart + 61s);
  CHECK(detector.suspect() == false);
  CHECK_FALSE(detector.confirmed());
}

TEST_CASE("The power cap of an APU does not decide, since it is that of the whole package") {
  const auto deck = [](double memory_hertz, double watts) {
    GpuReading reading;
    reading.busy_ratio = {{"gfx", 0.99}};
    reading.clock_hertz = {{"mclk", memory_hertz}};
    reading.clock_min_hertz = {{"mclk", 400e6}};
    reading.clock_max_hertz = {{"mclk", 800e6}};
    reading.temperature_celsius = {{"soc", 44.81}};
    reading.power_watts = watts;
    reading.power_cap_watts = 15;
    return reading;
  };
  CHECK(after(60, deck(400e6, 4)) == true);
  CHECK(after(60, deck(400e6, 13)) == true);  // of which the CPUs draw most
  auto forced = deck(400e6, 4);
  forced.performance_level = "low";
  CHECK_FALSE(after(60, forced));
  CHECK_FALSE(after(60, deck(800e6, 4)));  // the CPUs use the memory
}
