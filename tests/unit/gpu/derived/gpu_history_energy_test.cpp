#include <algorithm>
#include <cmath>
#include <random>

#include "gpu/constants.h"
#include "gpu/derived/gpu_history.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr double kWatts = 203;

// A Navi 21 that has drawn kWatts for `seconds`: its accumulator has 32 bits in units of 2^-16 J.
GpuReading navi21(double seconds) {
  GpuReading reading;
  reading.power_watts = kWatts;
  reading.power_cap_watts = kWatts;
  const double units = std::fmod(std::floor((1000 + kWatts * seconds) * 65536), 4294967296.0);
  reading.energy_joules = units / 65536;
  return reading;
}

}  // namespace

TEST_CASE("A 32-bit accumulator counts two hours at 203 W correctly") {
  GpuHistory history(1s);
  for (int i = 0; i <= 7200; ++i) history.add(navi21(i), kStart + i * 1s);
  CHECK(*history.totals().energy_joules == Approx(kWatts * 7200).epsilon(0.001));
}

TEST_CASE("Readings that arrive with jitter lose no energy at wraps") {
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

TEST_CASE("A restart of the probe loses no energy unless the accumulator may have wrapped twice") {
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
