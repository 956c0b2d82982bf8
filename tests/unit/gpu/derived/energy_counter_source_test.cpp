// Which of accumulator and power is used, and in which unit the accumulator counts.
#include <cmath>
#include <functional>

#include "gpu/constants.h"
#include "gpu/derived/energy_counter.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Source = EnergySource;

constexpr double kUsualUnit = 1.0 / 65536;
constexpr double kMillijoule = 0.001;
constexpr double kJoule = 1;

// A GPU that draws a constant power and whose accumulator counts in a unit of its own.
struct TestGpu {
  double watts;
  double unit_joules;
  double units = 1e6;
  double cap_watts = 300;
  EnergyCounter counter{3s};
  EnergyCounter::Clock::time_point now{1000h};

  // One sample per second. `factor` is how much faster than the power the accumulator runs.
  double run(int seconds, double factor = 1) {
    for (int i = 0; i < seconds; ++i) {
      units += factor * watts / unit_joules;
      sample(watts);
    }
    return *counter.joules();
  }
  void sample(std::optional<double> power) {
    now += 1s;
    counter.add({std::floor(units) * kUsualUnit, power, cap_watts}, now);
  }
};

}  // namespace

TEST_CASE("The power counts for a minute, then the accumulator in its own unit") {
  struct Card {
    double unit_joules;
    double watts;
  };
  const Card card = GENERATE(Card{kUsualUnit, 203}, Card{kUsualUnit, 9}, Card{kMillijoule, 17},
                             Card{kMillijoule, 290}, Card{kJoule, 36}, Card{kJoule, 290});
  TestGpu gpu{card.watts, card.unit_joules};
  CHECK(gpu.run(31) == Approx(30 * card.watts).epsilon(0.01));
  CHECK(gpu.counter.source() == Source::power);
  CHECK(gpu.run(29) == Approx(59 * card.watts).epsilon(0.01));
  CHECK(gpu.counter.source() == Source::power);
  CHECK(gpu.run(1) == Approx(60 * card.watts).epsilon(0.01));
  CHECK(gpu.counter.source() == Source::accumulator);
  const double before = *gpu.counter.joules();
  gpu.units += 500 / card.unit_joules;  // between two samples, so that the power misses it
  CHECK(gpu.run(1) == Approx(before + 500 + card.watts).epsilon(0.001));
  CHECK(gpu.run(600) == Approx(before + 500 + 601 * card.watts).epsilon(0.001));
  CHECK(gpu.counter.source() == Source::accumulator);
}

TEST_CASE("An accumulator of 32 bits wraps in each unit") {
  const double unit = GENERATE(kUsualUnit, kMillijoule, kJoule);
  TestGpu gpu{200, unit};
  gpu.units = kTwo32 - 100 * 200 / unit;
  for (int i = 0; i < 400; ++i) {
    gpu.units = std::fmod(gpu.units + 200 / unit, kTwo32);
    gpu.sample(200);
    if (i >= 60) REQUIRE(gpu.counter.source() == Source::accumulator);
  }
  CHECK(*gpu.counter.joules() == Approx(399 * 200).epsilon(0.001));
}

TEST_CASE("The unit is also found while the accumulator wraps") {
  const double unit = GENERATE(kUsualUnit, kMillijoule, kJoule);
  TestGpu gpu{200, unit};
  gpu.units = kTwo32 - 30 * 200 / unit;
  for (int i = 0; i <= 60; ++i) {
    gpu.units = std::fmod(gpu.units + 200 / unit, kTwo32);
    gpu.sample(200);
  }
  CHECK(gpu.counter.source() == Source::accumulator);
  CHECK(*gpu.counter.joules() == Approx(60 * 200));
}

TEST_CASE("An accumulator that no unit explains is not used") {
  const double unit = GENERATE(1.0 / 650000, 1.0 / 10000, 0.00025, 0.01, 0.1, 3.0);
  TestGpu gpu{100, unit};
  for (int i = 0; i < 300; ++i) {
    gpu.run(1);
    REQUIRE(gpu.counter.source() == Source::power);
  }
  CHECK(*gpu.counter.joules() == 299 * 100);
}

TEST_CASE("An accumulator that runs twice or half as fast as the power is not used") {
  const double factor = GENERATE(2.0, 0.5, 1.7, 0.55);
  const double unit = GENERATE(kUsualUnit, kMillijoule, kJoule);
  TestGpu gpu{80, unit};
  CHECK(gpu.run(300, factor) == 299 * 80);
  CHECK(gpu.counter.source() == Source::power);
}

TEST_CASE("An accumulator may deviate from the power by a third") {
  const double factor = GENERATE(0.7, 1.4);
  TestGpu gpu{80, kUsualUnit};
  CHECK(gpu.run(300, factor) == Approx(60 * 80 + factor * 239 * 80).epsilon(0.01));
  CHECK(gpu.counter.source() == Source::accumulator);
}

TEST_CASE("An accumulator that begins to creep loses the energy of at most one sample") {
  TestGpu gpu{150, kUsualUnit};
  gpu.run(200);
  REQUIRE(gpu.counter.source() == Source::accumulator);
  CHECK(gpu.run(121, 1.0 / 20) == Approx(320 * 150).epsilon(0.004));
  CHECK(gpu.counter.source() == Source::power);
  CHECK(gpu.run(300, 1.0 / 20) == Approx(620 * 150).epsilon(0.004));
  CHECK(gpu.run(180) == Approx(800 * 150).epsilon(0.004));
  CHECK(gpu.counter.source() == Source::accumulator);
}

TEST_CASE("An accumulator that begins to run twice as fast is refused within two minutes") {
  TestGpu gpu{150, kUsualUnit};
  gpu.run(200);
  gpu.run(120, 2);
  CHECK(gpu.counter.source() == Source::power);
  const double before = *gpu.counter.joules();
  CHECK(before <= (319 + 120) * 150);
  CHECK(gpu.run(300, 2) == before + 300 * 150);
}

TEST_CASE("A reload of the driver may change the unit") {
  const double before = GENERATE(kUsualUnit, kMillijoule, kJoule);
  const double after = GENERATE(kUsualUnit, kMillijoule, kJoule);
  const double units_after = GENERATE(1.0, 2e8);  // less than before, or more
  TestGpu gpu{100, before};
  gpu.units = 1e8;
  gpu.run(120);
  gpu.unit_joules = after;
  gpu.units = units_after;
  CHECK(gpu.run(200) == Approx(319 * 100).epsilon(0.01));
  CHECK(gpu.counter.source() == Source::accumulator);
}

TEST_CASE("An idle GPU whose power is coarse keeps its accumulator") {
  TestGpu gpu{2.4, kMillijoule};
  for (int i = 0; i < 600; ++i) {
    gpu.units += 2400;
    gpu.sample(i % 2 == 0 ? 2 : 3);
    if (i > 60) REQUIRE(gpu.counter.source() == Source::accumulator);
  }
}

TEST_CASE("A power that is too low to tell the units apart decides nothing") {
  TestGpu gpu{0.4, kMillijoule};
  CHECK(gpu.run(300) == Approx(299 * 0.4));
  CHECK(gpu.counter.source() == Source::power);
  TestGpu known{40, kMillijoule};
  known.run(100);
  known.watts = 0.4;
  known.run(300);
  CHECK(known.counter.source() == Source::accumulator);
  CHECK(*known.counter.joules() == Approx(99 * 40 + 300 * 0.4));
}

TEST_CASE("Without power the accumulator counts in the usual unit") {
  TestGpu gpu{0, kUsualUnit};
  for (int i = 0; i <= 100; ++i) {
    gpu.units += 50 * 65536;
    gpu.sample(i % 2 == 0 ? std::optional<double>() : 0);  // 0 is no measurement
    CHECK(gpu.counter.source() == Source::accumulator);
  }
  CHECK(*gpu.counter.joules() == 100 * 50);
}

TEST_CASE("An accumulator whose unit is known counts on when the power is missing") {
  TestGpu gpu{50, kMillijoule};
  gpu.run(61);
  for (int i = 0; i < 100; ++i) {
    gpu.units += 50000;
    gpu.sample({});
    CHECK(gpu.counter.source() == Source::accumulator);
  }
  CHECK(*gpu.counter.joules() == Approx(160 * 50));
}

TEST_CASE("An accumulator that has disagreed with the power counts nothing without it") {
  TestGpu gpu{50, 0.02};
  gpu.run(61);
  const double before = *gpu.counter.joules();
  for (int i = 0; i < 100; ++i) {
    gpu.units += 2500;
    gpu.sample({});
  }
  CHECK(*gpu.counter.joules() == before);
  CHECK_FALSE(gpu.counter.source());
}

TEST_CASE("The unit stays known across a gap and a suspension") {
  TestGpu gpu{50, kMillijoule};
  gpu.run(61);
  gpu.now += 100s;
  gpu.units += 100 * 50000;
  CHECK(gpu.run(1) == Approx(161 * 50));
  gpu.counter.interrupt();
  CHECK_FALSE(gpu.counter.source());
  gpu.units = 1;
  gpu.run(1);
  CHECK(gpu.counter.source() == Source::accumulator);
  CHECK(gpu.run(1) == Approx(162 * 50));
}

TEST_CASE("There is no source without accumulator and power") {
  EnergyCounter counter(3s);
  const EnergyCounter::Clock::time_point start{1000h};
  counter.add({0, {}, {}}, start);
  CHECK_FALSE(counter.source());
  counter.add({0, 0, {}}, start + 1s);
  CHECK_FALSE(counter.joules());
  counter.add({{}, 30, {}}, start + 2s);
  CHECK(counter.source() == Source::power);
  counter.add({}, start + 3s);
  CHECK_FALSE(counter.source());
}
