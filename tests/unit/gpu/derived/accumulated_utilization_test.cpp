#include "gpu/derived/accumulated_utilization.h"

#include <cmath>

#include "gpu/constants.h"
#include "support/catch.h"

using namespace rig;

namespace {

// A GPU that is sampled every second and counts 1000 cycles in between.
struct TestUtilization {
  AccumulatedUtilization utilization;
  double unit = 100;  // of the counter, for a whole cycle
  double busy = 0;
  double total = 0;

  // The sampled ratio may differ from the true one.
  std::optional<double> add(double ratio, double true_ratio, int seconds = 1) {
    std::optional<double> average;
    for (int i = 0; i < seconds; ++i) {
      busy = std::fmod(busy + 1000 * true_ratio * unit, kTwo32);
      total = std::fmod(total + 1000, kTwo32);
      average = utilization.add({ratio, busy, total, 1});
    }
    return average;
  }
};

}  // namespace

TEST_CASE("The unit of accumulated utilization is found within a minute") {
  for (const double unit : {1.0, 100.0}) {
    TestUtilization counter;
    counter.unit = unit;
    CHECK_FALSE(counter.add(0.5, 0.5, 60));
    CHECK(counter.add(0.5, 0.5) == Approx(0.5));
    CHECK(counter.add(0.9, 0.25) == Approx(0.25));  // sampled in a short peak
  }
}

TEST_CASE("Accumulated utilization that contradicts the samples is not used") {
  TestUtilization counter;
  CHECK_FALSE(counter.add(0.8, 0.3, 200));
  CHECK(counter.add(0.3, 0.3, 120) == Approx(0.3));
  CHECK_FALSE(counter.add(0.8, 0.3, 120));
}

TEST_CASE("An idle GPU does not decide about the unit") {
  TestUtilization counter;
  CHECK_FALSE(counter.add(0, 0, 300));
  counter.add(0.5, 0.5, 61);
  CHECK(counter.add(0, 0, 300) == 0.0);
}

TEST_CASE("A wrap at 32 bits is no reset") {
  TestUtilization counter;
  counter.busy = kTwo32 - 2'000'000;
  counter.total = kTwo32 - 10'000;
  CHECK(counter.add(0.5, 0.5, 100) == Approx(0.5));
}

TEST_CASE("A gap, a reset and missing counters have no average") {
  TestUtilization counter;
  REQUIRE(counter.add(0.5, 0.5, 100));
  CHECK_FALSE(counter.utilization.add({0.5, counter.busy += 5000, counter.total += 1000, 0}));
  CHECK_FALSE(counter.utilization.add({0.5, counter.busy = 0, counter.total = 0, 1}));
  CHECK(counter.add(0.5, 0.5) == Approx(0.5));
  CHECK_FALSE(counter.utilization.add({0.5, std::nullopt, counter.total, 1}));
  CHECK_FALSE(counter.add(0.5, 0.5));
  CHECK(counter.add(0.5, 0.5) == Approx(0.5));
  CHECK_FALSE(counter.utilization.add({0.5, counter.busy, counter.total, 1}));  // no new cycles
}
