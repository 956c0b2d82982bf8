#include "gpu/derived/gpu_history.h"

#include <random>

#include "gpu/constants.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Values = std::map<std::string, double>;

GpuReading busy(double ratio) {
  GpuReading reading;
  reading.busy_ratio = {{"gfx", ratio}};
  return reading;
}

GpuReading suspended(const char* state = "suspended") {
  GpuReading reading;
  reading.runtime_state = state;
  return reading;
}

double gfx_seconds(const GpuHistory& history) { return history.totals().busy_seconds.at("gfx"); }

}  // namespace

TEST_CASE("A history without readings has no totals") {
  CHECK(GpuHistory(1s).totals() == GpuTotals());
  GpuHistory history(1s);
  history.add(GpuReading(), kStart);
  CHECK(history.totals() == GpuTotals());
}

TEST_CASE("Busy seconds are the integral of the busy ratio") {
  GpuHistory history(1s);
  history.add(busy(1), kStart);
  CHECK(gfx_seconds(history) == 0);
  history.add(busy(0.5), kStart + 1s);
  CHECK(gfx_seconds(history) == 0.5);
  history.add(busy(0.25), kStart + 3s);
  CHECK(gfx_seconds(history) == 1);
}

TEST_CASE("The increase of busy seconds is the mean of the samples in between") {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> ratio(0, 1);
  GpuHistory history(1s);
  history.add(busy(0), kStart);
  std::vector<double> ratios;
  std::vector<double> totals{0};
  for (int i = 1; i <= 300; ++i) {
    ratios.push_back(ratio(random));
    history.add(busy(ratios.back()), kStart + i * 1s);
    totals.push_back(gfx_seconds(history));
  }
  for (std::size_t from = 0; from < 300; from += 17) {
    double sum = 0;
    for (std::size_t i = from; i < 300; ++i) {
      sum += ratios[i];
      REQUIRE(totals[i + 1] - totals[from] == Approx(sum));
    }
  }
}

TEST_CASE("A gap adds no busy seconds, but a single missing sample is not a gap") {
  GpuHistory history(1s);
  history.add(busy(1), kStart);
  history.add(GpuReading(), kStart + 1s);
  history.add(busy(1), kStart + 2s);
  CHECK(gfx_seconds(history) == 2);
  history.add(busy(1), kStart + 5s);
  CHECK(gfx_seconds(history) == 5);
  history.add(busy(1), kStart + 8001ms);
  CHECK(gfx_seconds(history) == 5);
  history.add(busy(1), kStart + 9001ms);
  CHECK(gfx_seconds(history) == 6);
}

TEST_CASE("A gap is longer than three intervals and longer than 3 s") {
  GpuHistory quick(100ms);
  quick.add(busy(1), kStart);
  quick.add(busy(1), kStart + 3s);
  CHECK(gfx_seconds(quick) == 3);
  GpuHistory slow(10s);
  slow.add(busy(1), kStart);
  slow.add(busy(1), kStart + 30s);
  CHECK(gfx_seconds(slow) == 30);
  slow.add(busy(1), kStart + 61s);
  CHECK(gfx_seconds(slow) == 30);
}

TEST_CASE("Readings that are not later than the previous one are dropped") {
  GpuHistory history(1s);
  GpuReading reading = busy(1);
  reading.read_errors = {{"io", 1}};
  history.add(reading, kStart);
  history.add(reading, kStart + 1s);
  const GpuTotals before = history.totals();
  history.add(reading, kStart + 1s);
  history.add(reading, kStart);
  CHECK(history.totals() == before);
  history.add(reading, kStart + 2s);
  CHECK(gfx_seconds(history) == 2);
}

TEST_CASE("No time is counted while the GPU is suspended") {
  for (const char* state : {"suspended", "suspending", "resuming"}) {
    GpuHistory history(1s);
    GpuReading reading = busy(1);
    reading.power_watts = 100;
    reading.energy_joules = 5000;
    reading.throttled = {{"power", 1}};
    history.add(reading, kStart);
    history.add(suspended(state), kStart + 1s);
    CHECK(history.totals().throttled.empty());
    reading.energy_joules = 5200;
    history.add(reading, kStart + 2s);
    CHECK(gfx_seconds(history) == 0);
    CHECK(history.totals().energy_joules == 0);
    CHECK(history.totals().throttle_seconds == Values{{"power", 0}});
    reading.energy_joules = 5300;
    history.add(reading, kStart + 3s);
    CHECK(gfx_seconds(history) == 0);  // not believed directly after waking up
    CHECK(history.totals().energy_joules == 100);
    CHECK(history.totals().throttle_seconds == Values{{"power", 1}});
  }
}

TEST_CASE("Read errors are summed by reason, including those of a suspended GPU") {
  GpuHistory history(1s);
  GpuReading reading = suspended();
  reading.read_errors = {{"suspended", 12}};
  history.add(reading, kStart);
  reading.read_errors = {{"suspended", 12}, {"io", 1}, {"gone", kNaN}, {"reset", -1}};
  history.add(reading, kStart + 1h);
  CHECK(history.totals().read_errors == Values{{"io", 1}, {"suspended", 24}});
}

TEST_CASE("Suspended seconds continue when the kernel's counter is reset") {
  GpuHistory history(1s);
  const auto after = [&](std::chrono::seconds elapsed, double kernel) {
    GpuReading reading = suspended();
    reading.suspended_seconds = kernel;
    history.add(reading, kStart + elapsed);
    return history.totals().suspended_seconds;
  };
  CHECK(after(0s, 500) == 500);
  CHECK(after(1s, 501) == 501);
  CHECK(after(60s, 0) == 501);
  CHECK(after(70s, 7) == 508);
  CHECK(after(71s, kNaN) == 508);
  CHECK(after(72s, -1) == 508);
  CHECK(after(90s, 2) == 510);
}

TEST_CASE("Peaks are the highest samples of the last minute") {
  GpuHistory history(1s);
  GpuReading reading = busy(0.9);
  reading.power_watts = 220;
  reading.temperature_celsius = {{"edge", 70}, {"junction", 95}};
  history.add(reading, kStart);
  reading = busy(0.1);
  reading.power_watts = 30;
  reading.temperature_celsius = {{"edge", 50}};
  history.add(reading, kStart + 59s);
  CHECK(history.totals().power_peak_watts == 220);
  CHECK(history.totals().busy_peak_ratio == Values{{"gfx", 0.9}});
  CHECK(history.totals().temperature_peak_celsius == Values{{"edge", 70}, {"junction", 95}});
  history.add(suspended(), kStart + 60s);
  CHECK(history.totals().power_peak_watts == 30);
  CHECK(history.totals().busy_peak_ratio == Values{{"gfx", 0.1}});
  CHECK(history.totals().temperature_peak_celsius == Values{{"edge", 50}});
  history.add(suspended(), kStart + 200s);
  CHECK_FALSE(history.totals().power_peak_watts);
  CHECK(history.totals().temperature_peak_celsius.empty());
}

TEST_CASE("The peak window is configurable") {
  GpuHistory history(1s, 10s);
  history.add(busy(0.9), kStart);
  history.add(busy(0.2), kStart + 9s);
  CHECK(history.totals().busy_peak_ratio == Values{{"gfx", 0.9}});
  history.add(busy(0.1), kStart + 10s);
  CHECK(history.totals().busy_peak_ratio == Values{{"gfx", 0.2}});
}

TEST_CASE("The totals include whether the busy ratio is suspect") {
  GpuHistory history(1s);
  GpuReading reading = busy(0.99);
  reading.clock_hertz = reading.clock_min_hertz = {{"mclk", 96e6}};
  reading.power_watts = 24;
  reading.power_cap_watts = 203;
  for (int i = 0; i <= 60; ++i) history.add(reading, kStart + i * 1s);
  CHECK(history.totals().busy_suspect == true);
  history.add(suspended(), kStart + 61s);
  CHECK_FALSE(history.totals().busy_suspect);
}

TEST_CASE("Ever new sensors, engines and reasons do not accumulate") {
  GpuHistory history(1s);
  for (int i = 0; i < 5000; ++i) {
    const auto key = std::to_string(i);
    GpuReading reading;
    reading.busy_ratio = {{key, 1}};
    reading.temperature_celsius = {{key, 50}};
    reading.throttled = {{key, 0}};
    reading.throttle_cycles = {{"c" + key, 1}};
    reading.counted_cycles = i;
    reading.read_errors = {{key, 1}};
    history.add(reading, kStart + i * 1s);
  }
  const auto totals = history.totals();
  CHECK(totals.busy_seconds.size() == 256);
  CHECK(totals.temperature_peak_celsius.size() == 60);
  CHECK(totals.throttle_seconds.size() <= 512);
  CHECK(totals.read_errors.size() == 256);
}

TEST_CASE("Without a sample interval there is nothing that needs samples at an interval") {
  GpuHistory history(kAtRequests);
  GpuReading reading = busy(1);
  reading.power_watts = 200;
  reading.temperature_celsius = {{"edge", 60}};
  reading.throttled = {{"power", 1}};
  reading.suspended_seconds = 7;
  reading.read_errors = {{"io", 1}};
  history.add(reading, kStart);
  history.add(reading, kStart + 1s);
  GpuTotals expected;
  expected.throttled = {{"power", 1}};
  expected.suspended_seconds = 7;
  expected.read_errors = {{"io", 2}};
  CHECK(history.totals() == expected);
}
