#include "gpu/derived/energy_counter.h"

#include <cmath>
#include <limits>

#include "gpu/constants.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr double kWrap = 65536;
constexpr double kCap = 203;

// An EnergyCounter with its own clock.
struct TestCounter {
  EnergyCounter counter{3s};
  EnergyCounter::Clock::time_point now{1000h};
  double joules_before = 0;

  // The joules since the start, or since the accumulator became known.
  double after(std::chrono::milliseconds elapsed, std::optional<double> accumulator,
               std::optional<double> power, std::optional<double> cap = kCap) {
    now += elapsed;
    counter.add({accumulator, power, cap}, now);
    return counter.joules() ? *counter.joules() - joules_before : -1;
  }
};

// A counter that has compared an accumulator with the power for a minute, at the end of which it is
// `accumulator`.
TestCounter known_accumulator(double accumulator, double power) {
  TestCounter gpu;
  for (int i = 60; i >= 0; --i) {
    const double joules = accumulator - i * power;
    gpu.after(1s, joules >= 0 ? joules : joules + kWrap, power);
  }
  gpu.joules_before = gpu.after(0s, {}, {});
  REQUIRE(gpu.joules_before == Approx(60 * power));
  REQUIRE(gpu.counter.source() == std::nullopt);
  return gpu;
}

}  // namespace

TEST_CASE("Energy is absent without accumulator and power") {
  TestCounter gpu;
  CHECK(gpu.after(1s, {}, {}) == -1);
  CHECK(gpu.after(1s, 0, {}) == -1);
  CHECK(gpu.after(1s, kNaN, -5) == -1);
  CHECK(gpu.after(1s, 5, {}) == 0);
}

TEST_CASE("Energy follows the accumulator rather than the power once its unit is known") {
  auto gpu = known_accumulator(40000, 100);
  CHECK(gpu.after(1s, 40110, 100) == 110);
  CHECK(gpu.after(1s, 40205, 100) == 205);
}

TEST_CASE("The energy of a GPU without an accumulator is the integral of its power") {
  TestCounter gpu;
  CHECK(gpu.after(1s, {}, 100) == 0);
  CHECK(gpu.after(1s, {}, 200) == 200);
  CHECK(gpu.after(500ms, {}, 40) == 220);
}

TEST_CASE("An accumulator that is always 0 is ignored") {
  TestCounter gpu;
  gpu.after(1s, 0, 50);
  for (int i = 1; i <= 100; ++i) CHECK(gpu.after(1s, 0, 50) == 50 * i);
}

TEST_CASE("A single 0 between valid readings of the accumulator loses no energy") {
  auto gpu = known_accumulator(1000, 100);
  CHECK(gpu.after(1s, 1100, 100) == 100);
  CHECK(gpu.after(1s, 0, 100) == 100);
  CHECK(gpu.after(1s, 1303, 100) == 303);
}

TEST_CASE("A wrap of the accumulator at 65536 J is detected") {
  auto gpu = known_accumulator(kWrap - 100, 203);
  CHECK(gpu.after(1s, 103, 203) == 203);
  CHECK(gpu.after(1s, 306, 203) == 406);
  TestCounter without_power;
  without_power.after(1s, kWrap - 100, {});
  CHECK(without_power.after(1s, 103, {}) == 203);
  CHECK(without_power.after(1s, 306, {}) == 406);
}

TEST_CASE("A decrease that does not match the power is not a wrap, and the power is used") {
  auto gpu = known_accumulator(40000, 100);
  CHECK(gpu.after(1s, 50, 100) == 100);
  CHECK(gpu.after(1s, 140, 100) == 200);
}

TEST_CASE("An accumulator above 65536 J does not wrap there") {
  auto gpu = known_accumulator(kWrap + 10, 100);
  CHECK(gpu.after(1s, 10, 100) == 100);
}

TEST_CASE("An accumulator with an implausible difference is used again after a minute") {
  double accumulator = 50;
  auto gpu = known_accumulator(40000, 100);
  gpu.after(1s, accumulator, 100);
  for (int i = 1; i < 60; ++i) CHECK(gpu.after(1s, accumulator += 90, 100) == 100 + 100 * i);
  CHECK(gpu.after(1s, accumulator += 90, 100) == 6000 + 90);
}

TEST_CASE("A reset accumulator is used at once if there is no power value") {
  TestCounter gpu;
  gpu.after(1s, 40000, {});
  CHECK(gpu.after(1s, 50, {}) == 0);
  CHECK(gpu.after(1s, 150, {}) == 100);
}

TEST_CASE("A decreasing accumulator is replaced by the power") {
  TestCounter gpu;
  double accumulator = 1e6;
  gpu.after(1s, accumulator, 150);
  for (int i = 1; i <= 200; ++i) {
    accumulator += i % 3 == 0 ? 150 : -170;
    CHECK(gpu.after(1s, accumulator, 150) == 150 * i);
  }
}

TEST_CASE("An increase that exceeds what a GPU can draw is rejected") {
  auto gpu = known_accumulator(1000, 100);
  CHECK(gpu.after(1s, 21000, 100) == 100);
  CHECK(gpu.after(1s, 21100, 100) == 200);
}

TEST_CASE("A burst between two idle samples is counted from the accumulator") {
  auto gpu = known_accumulator(1000, 10);
  CHECK(gpu.after(1s, 1210, 10) == 210);
}

TEST_CASE("An accumulator that does not change while power is drawn is replaced by the power") {
  auto gpu = known_accumulator(5000, 100);
  for (int i = 1; i < 10; ++i) CHECK(gpu.after(1s, 5000, 100) == 0);
  for (int i = 10; i < 300; ++i) CHECK(gpu.after(1s, 5000, 100) == 100 * i);
}

TEST_CASE("No energy is counted twice when an accumulator starts changing again") {
  double accumulator = 5000;
  auto gpu = known_accumulator(accumulator, 100);
  for (int i = 0; i < 29; ++i) gpu.after(1s, accumulator, 100);
  REQUIRE(gpu.after(1s, accumulator, 100) == 3000);
  accumulator += 3000;  // the energy used while it did not change
  CHECK(gpu.after(1s, accumulator += 100, 100) == 3100);
  for (int i = 1; i <= 100; ++i) CHECK(gpu.after(1s, accumulator += 100, 100) == 3100 + 100 * i);
}

TEST_CASE("No energy is counted twice when an accumulator reappears and the power disappears") {
  TestCounter gpu;
  gpu.after(1s, 5000, 100);
  for (int i = 0; i < 30; ++i) gpu.after(1s, {}, 100);
  REQUIRE(gpu.counter.joules() == 3000);
  CHECK(gpu.after(1s, 8000, {}) == 3000);
  CHECK(gpu.after(1s, 8100, {}) == 3000);  // the next power could still cover this time
  CHECK(gpu.after(1s, 8200, {}) == 3000);
  CHECK(gpu.after(1s, 8300, {}) == 3300);
  CHECK(gpu.after(1s, 8400, 100) == 3400);
}

TEST_CASE("An accumulator that is updated only every few seconds is used") {
  TestCounter gpu;
  for (int i = 0; i <= 60; ++i) gpu.after(1s, 1000 + 510 * (i / 5), 100);
  gpu.joules_before = *gpu.counter.joules();
  for (int i = 1; i <= 600; ++i) {
    const double joules = gpu.after(1s, 7120 + 510 * (i / 5), 100);
    CHECK(joules == 510 * (i / 5));
  }
}

TEST_CASE("The time of a sample without power is not counted again by the next one") {
  auto gpu = known_accumulator(1000, 100);
  CHECK(gpu.after(1s, 1100, {}) == 100);
  CHECK(gpu.after(1s, 900, 100) == 200);  // not a wrap: from the power
}

TEST_CASE("Readings that arrive late and all at once lose no energy") {
  auto gpu = known_accumulator(1000, 200);
  CHECK(gpu.after(3s, 1200, 200) == 200);
  CHECK(gpu.after(1ms, 1400, 200) == 400);
  CHECK(gpu.after(1ms, 1600, 200) == 600);
}

TEST_CASE("Across a gap the accumulator counts and the power does not") {
  auto gpu = known_accumulator(1000, 100);
  CHECK(gpu.after(30s, 1900, 100) == 900);
  TestCounter without;
  without.after(1s, {}, 100);
  CHECK(without.after(30s, {}, 100) == 0);
  CHECK(without.after(1s, {}, 100) == 100);
}

TEST_CASE("A wrap during a short gap is detected") {
  auto gpu = known_accumulator(kWrap - 90, kCap);
  CHECK(gpu.after(30s, 30 * kCap - 90, kCap) == Approx(30 * kCap));
}

TEST_CASE("A wrap during a gap is checked against the power before the gap") {
  auto gpu = known_accumulator(kWrap - 1000, kCap);
  CHECK(gpu.after(30s, 3000, 10) == 4000);
}

TEST_CASE("A reload of the driver during a gap is not a wrap") {
  auto gpu = known_accumulator(60000, 10);
  CHECK(gpu.after(30s, 50, 10) == 0);
  CHECK(gpu.after(1s, 60, 10) == 10);
}

TEST_CASE(
    "Nothing is counted across a gap in which a 32-bit accumulator may have wrapped repeatedly") {
  auto gpu = known_accumulator(1000, kCap);
  CHECK(gpu.after(600s, 57264, kCap) == 0);
  CHECK(gpu.after(1s, 57467, kCap) == kCap);
}

TEST_CASE("A 64-bit accumulator counts across a long gap") {
  auto gpu = known_accumulator(1e6, kCap);
  CHECK(gpu.after(600s, 1e6 + 600 * kCap, kCap) == 600 * kCap);
}

TEST_CASE("Nothing is counted while the GPU is suspended, and the energy before that is kept") {
  auto gpu = known_accumulator(5000, 20);
  gpu.after(1s, 5000, 20);
  gpu.counter.interrupt();
  CHECK(gpu.after(0s, {}, {}) == 20);
  CHECK(gpu.after(2s, 5100, 20) == 20);
  CHECK(gpu.after(1s, 5125, 20) == 45);
}

TEST_CASE("NaN, infinite and negative power and energy are ignored") {
  for (const double bad : {kNaN, std::numeric_limits<double>::infinity(), -1.0}) {
    auto gpu = known_accumulator(1000, 100);
    CHECK(gpu.after(1s, bad, bad, bad) == 0);
    CHECK(gpu.after(1s, 1200, 100) == 200);
  }
}
