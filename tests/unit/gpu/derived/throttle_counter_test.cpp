#include "gpu/derived/throttle_counter.h"

#include "gpu/constants.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Values = std::map<std::string, double>;
using Clock = ThrottleCounter::Clock;

GpuReading bits(Values throttled) {
  GpuReading reading;
  reading.throttled = std::move(throttled);
  return reading;
}

GpuReading hot(double celsius, double junction_bit, double limit = 110) {
  GpuReading reading = bits({{"thermal_junction", junction_bit}});
  reading.temperature_celsius = {{"junction", celsius}};
  reading.temperature_limit_celsius = {{"junction", {{"critical", limit}}}};
  return reading;
}

GpuReading cycles(double limited, double counted) {
  GpuReading reading;
  reading.throttle_cycles = {{"power", limited}};
  reading.counted_cycles = counted;
  return reading;
}

}  // namespace

TEST_CASE("A bit counts for the time since the previous sample") {
  ThrottleCounter counter(3s);
  counter.add(bits({{"power", 1}, {"current", 0}}), kStart);
  CHECK(counter.throttled() == Values{{"current", 0}, {"power", 1}});
  CHECK(counter.seconds() == Values{{"current", 0}, {"power", 0}});
  counter.add(bits({{"power", 1}, {"current", 0}}), kStart + 2s);
  counter.add(bits({{"power", 0}, {"current", 1}}), kStart + 3s);
  CHECK(counter.throttled() == Values{{"current", 1}, {"power", 0}});
  CHECK(counter.seconds() == Values{{"current", 1}, {"power", 2}});
}

TEST_CASE("A GPU at its power cap from the first sample on is throttled by power") {
  ThrottleCounter counter(3s);
  for (int i = 0; i <= 10; ++i) counter.add(bits({{"power", 1}}), kStart + i * 1s);
  CHECK(counter.throttled() == Values{{"power", 1}});
  CHECK(counter.seconds() == Values{{"power", 10}});
}

TEST_CASE("No time is counted during a gap or a suspension") {
  ThrottleCounter counter(3s);
  counter.add(bits({{"power", 1}}), kStart);
  counter.add(bits({{"power", 1}}), kStart + 4s);
  CHECK(counter.seconds() == Values{{"power", 0}});
  counter.interrupt();
  CHECK(counter.throttled().empty());
  counter.add(bits({{"power", 1}}), kStart + 5s);
  CHECK(counter.seconds() == Values{{"power", 0}});
  counter.add(bits({{"power", 1}}), kStart + 6s);
  CHECK(counter.seconds() == Values{{"power", 1}});
}

TEST_CASE("A thermal bit counts within 10 degrees of its sensor's critical temperature") {
  ThrottleCounter counter(3s);
  counter.add(hot(99.9, 1), kStart);
  CHECK(counter.throttled() == Values{{"thermal_junction", 0}});
  counter.add(hot(100, 1), kStart + 1s);
  CHECK(counter.throttled() == Values{{"thermal_junction", 1}});
  counter.add(hot(112, 1), kStart + 2s);
  CHECK(counter.throttled() == Values{{"thermal_junction", 1}});
  counter.add(hot(112, 0), kStart + 3s);
  CHECK(counter.throttled() == Values{{"thermal_junction", 0}});
  CHECK(counter.seconds() == Values{{"thermal_junction", 2}});
}

TEST_CASE("The thermal bit that is always set on RDNA3 does not count while the GPU is cool") {
  ThrottleCounter counter(3s);
  for (int i = 0; i < 100; ++i) counter.add(hot(60, 1), kStart + i * 1s);
  CHECK(counter.throttled() == Values{{"thermal_junction", 0}});
  CHECK(counter.seconds() == Values{{"thermal_junction", 0}});
}

TEST_CASE("A thermal bit without a known limit is absent until it has been clear once") {
  ThrottleCounter counter(3s);
  const bool no_temperature = GENERATE(true, false);
  const auto reading = [&](double bit) {
    GpuReading result = hot(60, bit);
    if (no_temperature) result.temperature_celsius.clear();
    if (!no_temperature) result.temperature_limit_celsius.clear();
    return result;
  };
  for (int i = 0; i < 100; ++i) counter.add(reading(1), kStart + i * 1s);
  CHECK(counter.throttled().empty());
  CHECK(counter.seconds().empty());
  counter.add(reading(0), kStart + 100s);
  CHECK(counter.throttled() == Values{{"thermal_junction", 0}});
  counter.add(reading(1), kStart + 101s);
  CHECK(counter.throttled() == Values{{"thermal_junction", 1}});
  CHECK(counter.seconds() == Values{{"thermal_junction", 1}});
}

TEST_CASE("Each thermal bit is compared with its own sensor") {
  ThrottleCounter counter(3s);
  GpuReading reading = bits({{"thermal_edge", 1}, {"thermal_memory", 1}, {"thermal_vr_soc", 1}});
  reading.temperature_celsius = {{"edge", 95}, {"memory", 60}, {"vr_soc", 50}};
  reading.temperature_limit_celsius = {{"edge", {{"critical", 100}}},
                                       {"memory", {{"critical", 100}}},
                                       {"vr_soc", {{"emergency", 120}}}};
  counter.add(reading, kStart);
  CHECK(counter.throttled() == Values{{"thermal_edge", 1}, {"thermal_memory", 0}});
}

TEST_CASE("A temperature or limit of NaN counts as unknown") {
  ThrottleCounter counter(3s);
  counter.add(hot(kNaN, 1), kStart);
  CHECK(counter.throttled().empty());
  counter.add(hot(109, 1, kNaN), kStart + 1s);
  CHECK(counter.throttled().empty());
}

TEST_CASE("Bits that are NaN or negative are ignored") {
  ThrottleCounter counter(3s);
  counter.add(bits({{"power", kNaN}, {"current", -1}}), kStart);
  CHECK(counter.throttled().empty());
  CHECK(counter.seconds().empty());
}

TEST_CASE("Throttled cycles count as their share of the time") {
  ThrottleCounter counter(3s);
  counter.add(cycles(100, 1000), kStart);
  CHECK(counter.seconds() == Values{{"power", 0}});
  CHECK(counter.throttled().empty());
  counter.add(cycles(350, 2000), kStart + 1s);
  CHECK(counter.seconds() == Values{{"power", 0.25}});
  CHECK(counter.throttled() == Values{{"power", 1}});
  counter.add(cycles(350, 3000), kStart + 2s);
  CHECK(counter.seconds() == Values{{"power", 0.25}});
  CHECK(counter.throttled() == Values{{"power", 0}});
}

TEST_CASE("Cycle counters take precedence over bits") {
  ThrottleCounter counter(3s);
  for (int i = 0; i <= 4; ++i) {
    GpuReading reading = cycles(500 * i, 1000 * i);
    reading.throttled = {{"power", 0}};
    counter.add(reading, kStart + i * 1s);
  }
  CHECK(counter.throttled() == Values{{"power", 1}});
  CHECK(counter.seconds() == Values{{"power", 2}});
}

TEST_CASE("A bit is ignored once its reason has had a cycle counter") {
  ThrottleCounter counter(3s);
  counter.add(cycles(0, 0), kStart);
  counter.add(bits({{"power", 1}}), kStart + 1s);
  counter.add(bits({{"power", 1}}), kStart + 2s);
  CHECK(counter.throttled().empty());
  counter.add(cycles(1500, 3000), kStart + 3s);
  CHECK(counter.seconds() == Values{{"power", 1.5}});
}

TEST_CASE("The time counted from bits is kept when cycle counters appear") {
  ThrottleCounter counter(3s);
  counter.add(bits({{"power", 1}}), kStart);
  counter.add(bits({{"power", 1}}), kStart + 1s);
  counter.add(cycles(0, 1000), kStart + 2s);
  CHECK(counter.seconds() == Values{{"power", 1}});
  counter.add(cycles(500, 2000), kStart + 3s);
  CHECK(counter.seconds() == Values{{"power", 1.5}});
}

TEST_CASE("Cycles count across a gap of minutes but not of an hour or a suspension") {
  ThrottleCounter counter(3s);
  counter.add(cycles(0, 1000), kStart);
  counter.add(cycles(60000, 121000), kStart + 120s);
  CHECK(counter.seconds() == Values{{"power", 60}});
  counter.add(cycles(160000, 3721000), kStart + 3720s);
  CHECK(counter.seconds() == Values{{"power", 60}});
  counter.interrupt();
  counter.add(cycles(161000, 3722000), kStart + 3721s);
  CHECK(counter.seconds() == Values{{"power", 60}});
}

TEST_CASE("32-bit cycle counters may wrap") {
  ThrottleCounter counter(3s);
  counter.add(cycles(kTwo32 - 100, kTwo32 - 500), kStart);
  counter.add(cycles(400, 500), kStart + 1s);
  CHECK(counter.seconds() == Values{{"power", 0.5}});
}

TEST_CASE("Cycle counters that are reset add nothing and continue from there") {
  ThrottleCounter counter(3s);
  counter.add(cycles(5000, 90000), kStart);
  counter.add(cycles(10, 100), kStart + 1s);
  CHECK(counter.seconds() == Values{{"power", 0}});
  counter.add(cycles(510, 1100), kStart + 2s);
  CHECK(counter.seconds() == Values{{"power", 0.5}});
}

TEST_CASE("Cycles that were not updated are counted with the next sample") {
  ThrottleCounter counter(3s);
  counter.add(cycles(0, 1000), kStart);
  counter.add(cycles(0, 1000), kStart + 1s);
  counter.add(cycles(500, 2000), kStart + 2s);
  CHECK(counter.seconds() == Values{{"power", 1}});
}

TEST_CASE("Cycles of NaN are ignored, and the share is at most 1") {
  ThrottleCounter counter(3s);
  counter.add(cycles(0, 1000), kStart);
  counter.add(cycles(kNaN, 2000), kStart + 1s);
  counter.add(cycles(500, -1), kStart + 1s);
  counter.add(cycles(2001, 3000), kStart + 2s);
  CHECK(counter.seconds() == Values{{"power", 2}});
}
