#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "gpu/constants.h"
#include "gpu/derived/gpu_history.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Values = std::map<std::string, double>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Readings with plausible, extreme and invalid values.
class RandomReadings {
 public:
  explicit RandomReadings(unsigned seed) : random_(seed) {}

  double pick(std::initializer_list<double> values) {
    std::uniform_int_distribution<std::size_t> index(0, values.size() - 1);
    return values.begin()[index(random_)];
  }

  GpuReading next() {
    GpuReading reading;
    if (pick({0, 0, 0, 0, 1}) != 0) reading.runtime_state = "suspended";
    reading.energy_joules = maybe(pick({1000, 65536, 1e7}));
    reading.power_watts = maybe(300);
    reading.power_cap_watts = maybe(300);
    reading.busy_ratio = {{"gfx", any(1)}, {"memory", any(1)}};
    reading.temperature_celsius = {{"junction", any(110)}};
    reading.temperature_limit_celsius = {{"junction", {{"critical", any(110)}}}};
    reading.throttled = {{"power", any(1)}, {"thermal_junction", any(1)}};
    reading.throttle_cycles = {{"prochot", any(kTwo32)}};
    reading.counted_cycles = maybe(kTwo32);
    reading.suspended_seconds = maybe(1000);
    reading.read_errors = {{"io", any(3)}};
    return reading;
  }

 private:
  double any(double highest) {
    const double valid = std::uniform_real_distribution<double>(0, highest)(random_);
    return pick({valid, valid, valid, valid, 0, highest, -highest, kNaN, kInfinity, -kInfinity});
  }
  std::optional<double> maybe(double highest) {
    return pick({0, 1, 1}) != 0 ? std::optional(any(highest)) : std::nullopt;
  }

  std::mt19937 random_;
};

void require_not_less(const Values& before, const Values& now) {
  for (const auto& [key, value] : before) {
    REQUIRE(now.contains(key));
    REQUIRE(now.at(key) >= value);
  }
  for (const auto& [key, value] : now) REQUIRE(std::isfinite(value));
}

void require_not_less(const std::optional<double>& before, const std::optional<double>& now) {
  if (before) REQUIRE(now >= before);
  REQUIRE(std::isfinite(now.value_or(0)));
}

}  // namespace

TEST_CASE("Counters never decrease and stay finite for any readings") {
  RandomReadings readings(GENERATE(1U, 2U, 3U, 4U, 5U));
  GpuHistory history(1s);
  GpuTotals before;
  GpuHistory::Time now{1000h};
  double elapsed = 0;
  for (int i = 0; i < 5000; ++i) {
    const GpuReading reading = readings.next();
    const double step = readings.pick({-1, 0, 0.001, 1, 1, 1, 1, 2, 30, 700});
    now += std::chrono::milliseconds(static_cast<int>(step * 1000));
    elapsed += std::max(0.0, step);
    history.add(reading, now);

    const GpuTotals totals = history.totals();
    require_not_less(before.energy_joules, totals.energy_joules);
    require_not_less(before.suspended_seconds, totals.suspended_seconds);
    require_not_less(before.busy_seconds, totals.busy_seconds);
    require_not_less(before.throttle_seconds, totals.throttle_seconds);
    require_not_less(before.read_errors, totals.read_errors);
    require_not_less(Values{}, totals.busy_peak_ratio);
    require_not_less(Values{}, totals.temperature_peak_celsius);
    before = totals;
  }
  CHECK(*before.energy_joules > 0);
  CHECK(*before.energy_joules < 500 * elapsed);
  CHECK(before.busy_seconds.at("gfx") > 0);
  CHECK(before.busy_seconds.at("gfx") < elapsed);
}
