#include "gpu/derived/gpu_history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Values = std::map<std::string, double>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kWatts = 203;
const GpuHistory::Time kStart{1000h};

GpuReading busy(double ratio) {
  GpuReading reading;
  reading.busy_ratio = {{"gfx", ratio}};
  return reading;
}

GpuReading asleep(const char* state = "suspended") {
  GpuReading reading;
  reading.runtime_state = state;
  return reading;
}

double gfx_seconds(const GpuHistory& history) { return history.totals().busy_seconds.at("gfx"); }

// A Navi 21 that draws `kWatts` since kStart: an accumulator of 32 bits in units of 2^-16 J.
GpuReading navi21(double seconds) {
  GpuReading reading;
  reading.power_watts = kWatts;
  reading.power_cap_watts = kWatts;
  const double units = std::fmod(std::floor((1000 + kWatts * seconds) * 65536), 4294967296.0);
  reading.energy_joules = units / 65536;
  return reading;
}

}  // namespace

TEST_CASE("A history without readings has no totals") {
  CHECK(GpuHistory(1s).totals() == GpuTotals());
  GpuHistory history(1s);
  history.add(GpuReading(), kStart);
  CHECK(history.totals() == GpuTotals());
}

TEST_CASE("Busy seconds are the busy ratio over time, weighted with the time") {
  GpuHistory history(1s);
  history.add(busy(1), kStart);
  CHECK(gfx_seconds(history) == 0);
  history.add(busy(0.5), kStart + 1s);
  CHECK(gfx_seconds(history) == 0.5);
  history.add(busy(0.25), kStart + 3s);
  CHECK(gfx_seconds(history) == 1);
}

TEST_CASE("The increase of busy seconds between any two samples is the mean of those between") {
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

TEST_CASE("A gap adds no busy seconds, a single missing sample is none") {
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

TEST_CASE("A gap is longer than three intervals, and than 3 s") {
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

TEST_CASE("Readings at the same time or an earlier one add nothing") {
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

TEST_CASE("A sleep adds nothing, however short") {
  for (const char* state : {"suspended", "suspending", "resuming"}) {
    GpuHistory history(1s);
    GpuReading reading = busy(1);
    reading.power_watts = 100;
    reading.energy_joules = 5000;
    reading.throttled = {{"power", 1}};
    history.add(reading, kStart);
    history.add(asleep(state), kStart + 1s);
    CHECK(history.totals().throttled.empty());
    reading.energy_joules = 5200;
    history.add(reading, kStart + 2s);
    CHECK(gfx_seconds(history) == 0);
    CHECK(history.totals().energy_joules == 0);
    CHECK(history.totals().throttle_seconds == Values{{"power", 0}});
    reading.energy_joules = 5300;
    history.add(reading, kStart + 3s);
    CHECK(gfx_seconds(history) == 1);
    CHECK(history.totals().energy_joules == 100);
    CHECK(history.totals().throttle_seconds == Values{{"power", 1}});
  }
}

TEST_CASE("Read errors add up by reason, also those of a card that sleeps") {
  GpuHistory history(1s);
  GpuReading reading = asleep();
  reading.read_errors = {{"suspended", 12}};
  history.add(reading, kStart);
  reading.read_errors = {{"suspended", 12}, {"io", 1}, {"gone", kNaN}, {"reset", -1}};
  history.add(reading, kStart + 1h);
  CHECK(history.totals().read_errors == Values{{"io", 1}, {"suspended", 24}});
}

TEST_CASE("Suspended seconds are the kernel's, and go on when the kernel's begin anew") {
  GpuHistory history(1s);
  const auto after = [&](std::chrono::seconds elapsed, double kernel) {
    GpuReading reading = asleep();
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
  history.add(asleep(), kStart + 60s);
  CHECK(history.totals().power_peak_watts == 30);
  CHECK(history.totals().busy_peak_ratio == Values{{"gfx", 0.1}});
  CHECK(history.totals().temperature_peak_celsius == Values{{"edge", 50}});
  history.add(asleep(), kStart + 200s);
  CHECK_FALSE(history.totals().power_peak_watts);
  CHECK(history.totals().temperature_peak_celsius.empty());
}

TEST_CASE("The window of the peaks is the one that was asked for") {
  GpuHistory history(1s, 10s);
  history.add(busy(0.9), kStart);
  history.add(busy(0.2), kStart + 9s);
  CHECK(history.totals().busy_peak_ratio == Values{{"gfx", 0.9}});
  history.add(busy(0.1), kStart + 10s);
  CHECK(history.totals().busy_peak_ratio == Values{{"gfx", 0.2}});
}

TEST_CASE("A card that is busy and idle at once for a minute is suspect in its totals") {
  GpuHistory history(1s);
  GpuReading reading = busy(0.99);
  reading.clock_hertz = reading.clock_min_hertz = {{"mclk", 96e6}};
  reading.power_watts = 24;
  reading.power_cap_watts = 203;
  for (int i = 0; i <= 60; ++i) history.add(reading, kStart + i * 1s);
  CHECK(history.totals().busy_suspect == true);
  history.add(asleep(), kStart + 61s);
  CHECK_FALSE(history.totals().busy_suspect);
}

TEST_CASE("Two hours at 203 W on an accumulator of 32 bits are 203 W for two hours") {
  GpuHistory history(1s);
  for (int i = 0; i <= 7200; ++i) history.add(navi21(i), kStart + i * 1s);
  CHECK(*history.totals().energy_joules == Approx(kWatts * 7200).epsilon(0.001));
}

TEST_CASE("Lines that arrive early and late lose no energy at the wraps") {
  std::mt19937 random(11);
  std::uniform_int_distribution<int> late_ms(0, 1800);
  GpuHistory history(1s);
  auto arrives = kStart;
  for (int i = 0; i <= 7200; ++i) {
    arrives = std::max(arrives + 1ms, kStart + i * 1s + late_ms(random) * 1ms);
    history.add(navi21(i), arrives);
  }
  CHECK(*history.totals().energy_joules == Approx(kWatts * 7200).epsilon(0.001));
}

TEST_CASE("A restart of the probe loses no energy, unless the accumulator may have wrapped twice") {
  const int gap = GENERATE(2, 30, 200, 600);
  const int before = GENERATE(100, 300, 310, 1000);  // there are wraps at 318 s and 641 s
  GpuHistory history(1s);
  for (int i = 0; i <= before; ++i) history.add(navi21(i), kStart + i * 1s);
  CHECK(*history.totals().energy_joules == Approx(kWatts * before));
  const int end = before + gap + 1000;
  for (int i = before + gap; i <= end; ++i) history.add(navi21(i), kStart + i * 1s);
  const int unknown = gap == 600 ? gap : 0;
  CHECK(*history.totals().energy_joules == Approx(kWatts * (end - unknown)).epsilon(0.001));
}

TEST_CASE("Whatever a card says, counters never decrease and are never poisoned") {
  std::mt19937 random(GENERATE(1U, 2U, 3U, 4U, 5U));
  const auto pick = [&](std::initializer_list<double> values) {
    return values.begin()[std::uniform_int_distribution<std::size_t>(0, values.size() - 1)(random)];
  };
  const auto any = [&](double highest) {
    const double good = std::uniform_real_distribution<double>(0, highest)(random);
    return pick({good, good, good, good, 0, highest, -highest, kNaN, kInfinity, -kInfinity});
  };
  const auto maybe = [&](double highest) {
    return pick({0, 1, 1}) != 0 ? std::optional(any(highest)) : std::nullopt;
  };
  const auto not_less = [](const Values& before, const Values& now) {
    for (const auto& [key, value] : before) {
      REQUIRE(now.contains(key));
      REQUIRE(now.at(key) >= value);
    }
    for (const auto& [key, value] : now) REQUIRE(std::isfinite(value));
  };

  GpuHistory history(1s);
  GpuTotals before;
  auto now = kStart;
  double elapsed = 0;
  for (int i = 0; i < 5000; ++i) {
    GpuReading reading;
    if (pick({0, 0, 0, 0, 1}) != 0) reading.runtime_state = "suspended";
    reading.energy_joules = maybe(pick({1000, 65536, 1e7}));
    reading.power_watts = maybe(300);
    reading.power_cap_watts = maybe(300);
    reading.busy_ratio = {{"gfx", any(1)}, {"memory", any(1)}};
    reading.temperature_celsius = {{"junction", any(110)}};
    reading.temperature_limit_celsius = {{"junction", {{"critical", any(110)}}}};
    reading.throttled = {{"power", any(1)}, {"thermal_junction", any(1)}};
    reading.throttle_cycles = {{"prochot", any(4294967296.0)}};
    reading.counted_cycles = maybe(4294967296.0);
    reading.suspended_seconds = maybe(1000);
    reading.read_errors = {{"io", any(3)}};
    const double step = pick({-1, 0, 0.001, 1, 1, 1, 1, 2, 30, 700});
    now += std::chrono::milliseconds(static_cast<int>(step * 1000));
    elapsed += std::max(0.0, step);
    history.add(reading, now);

    const GpuTotals totals = history.totals();
    if (before.energy_joules) REQUIRE(totals.energy_joules >= before.energy_joules);
    REQUIRE(std::isfinite(totals.energy_joules.value_or(0)));
    if (before.suspended_seconds) REQUIRE(totals.suspended_seconds >= before.suspended_seconds);
    REQUIRE(std::isfinite(totals.suspended_seconds.value_or(0)));
    not_less(before.busy_seconds, totals.busy_seconds);
    not_less(before.throttle_seconds, totals.throttle_seconds);
    not_less(before.read_errors, totals.read_errors);
    not_less({}, totals.busy_peak_ratio);
    not_less({}, totals.temperature_peak_celsius);
    before = totals;
  }
  CHECK(*before.energy_joules > 0);
  CHECK(*before.energy_joules < 500 * elapsed);
  CHECK(before.busy_seconds.at("gfx") > 0);
  CHECK(before.busy_seconds.at("gfx") < elapsed);
}
