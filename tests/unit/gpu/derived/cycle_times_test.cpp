#include "gpu/derived/cycle_times.h"

#include "gpu/constants.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("The share of the cycles in a state counts for the time between two samples") {
  CycleTimes times;
  CHECK(times.add({{"power", 100}, {"total", 50}}, 1000, kStart).empty());
  CHECK(times.seconds() == LabeledNumbers{{"power", 0}, {"total", 0}});
  CHECK(times.add({{"power", 350}, {"total", 50}}, 2000, kStart + 2s) ==
        LabeledNumbers{{"power", 0.25}, {"total", 0}});
  CHECK(times.seconds() == LabeledNumbers{{"power", 0.5}, {"total", 0}});
  CHECK(times.contains("power"));
  CHECK_FALSE(times.contains("thermal"));
}

TEST_CASE("Samples without new cycles are covered by the next one") {
  CycleTimes times;
  times.add({{"power", 0}}, 1000, kStart);
  CHECK(times.add({{"power", 0}}, 1000, kStart + 1s).empty());
  CHECK(times.add({{"power", 1000}}, 2000, kStart + 2s) == LabeledNumbers{{"power", 1}});
  CHECK(times.seconds().at("power") == 2);
}

TEST_CASE("A counter that wraps at 32 bits goes on, and one that was reset starts again") {
  CycleTimes times;
  times.add({{"power", 0}}, kTwo32 - 500, kStart);
  CHECK(times.add({{"power", 250}}, 500, kStart + 1s) == LabeledNumbers{{"power", 0.25}});
  CHECK(times.add({{"power", 0}}, 1500, kStart + 2s).empty());
  CHECK(times.add({{"power", 500}}, 2500, kStart + 3s) == LabeledNumbers{{"power", 0.5}});
  CHECK(times.seconds().at("power") == 0.75);
}

TEST_CASE("Time in which the GPU is suspended, or longer than ten minutes, is not counted") {
  CycleTimes times;
  times.add({{"power", 0}}, 0, kStart);
  times.interrupt();
  CHECK(times.add({{"power", 100}}, 100, kStart + 10s).empty());
  CHECK(times.add({{"power", 200}}, 200, kStart + 11min).empty());
  CHECK(times.seconds().at("power") == 0);
}

TEST_CASE("Counters without a number of cycles, or not finite, are ignored") {
  CycleTimes times;
  times.add({{"power", 1}}, std::nullopt, kStart);
  times.add({{"power", kNaN}}, 1, kStart + 1s);
  times.add({{"power", 1}}, kNaN, kStart + 2s);
  CHECK(times.seconds().empty());
}
