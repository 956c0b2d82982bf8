#include "gpu_probe/gpu_metrics/gpu_metrics.h"
#include "gpu_probe/gpu_metrics/gpu_metrics_tables.h"
#include "support/catch.h"

using namespace rig;
using Values = GpuMetrics::Values;

namespace {

void check_apu(const GpuMetrics& metrics) {
  CHECK(metrics.temperature_celsius == Values{{"edge", 45.12}, {"soc", 43.21}});
  CHECK(metrics.clock_hertz == Values{{"sclk", 1900e6},
                                      {"socclk", 800e6},
                                      {"mclk", 1600e6},
                                      {"fclk", 1601e6},
                                      {"vclk", 400e6},
                                      {"dclk", 300e6}});
  CHECK(metrics.throttle_status == 0x11U);
  CHECK(metrics.busy_ratio.empty());  // the unit is unknown: percent or hundredths of it
}

}  // namespace

TEST_CASE("APUs have hundredths of a degree, and power since 2.3") {
  SECTION("2.0") {
    const auto metrics = parsed(v2_0().bytes(), 120);
    check_apu(metrics);
    CHECK_FALSE(metrics.power_watts);
  }
  SECTION("2.1") {
    const auto metrics = parsed(v2_1().bytes(), 120);
    check_apu(metrics);
    CHECK_FALSE(metrics.power_watts);
    CHECK_FALSE(metrics.indep_throttle_status);
  }
  SECTION("2.2") {
    const auto metrics = parsed(v2_2().bytes(), 128);
    check_apu(metrics);
    CHECK_FALSE(metrics.power_watts);
    CHECK(metrics.domain_power_watts.empty());
    CHECK(metrics.indep_throttle_status == 0x20U);
  }
  SECTION("2.3") {
    const auto metrics = parsed(v2_3().bytes(), 152);
    check_apu(metrics);
    CHECK(metrics.power_watts == 14.5);
    CHECK(metrics.domain_power_watts == Values{{"cpu", 3.1}, {"gfx", 1}, {"soc", 2.2}});
    CHECK(metrics.indep_throttle_status == 0x20U);
    CHECK(metrics.voltage_volts.empty());
  }
  SECTION("2.4") {
    const auto metrics = parsed(v2_4().bytes(), 168);
    check_apu(metrics);
    CHECK(metrics.power_watts == 14.5);
    CHECK(metrics.indep_throttle_status == 0x20U);
    CHECK(metrics.voltage_volts == Values{{"soc", 0.8}, {"gfx", 1.1}});
  }
}

TEST_CASE("Version 3.0 has average clocks and throttle cycles") {
  const auto metrics = parsed(v3_0().bytes(), 264);
  CHECK(metrics.format_revision == 3);
  CHECK(metrics.temperature_celsius == Values{{"edge", 45.12}, {"skin", 38.5}, {"soc", 43.21}});
  CHECK(metrics.power_watts == 54.321);
  CHECK(metrics.domain_power_watts == Values{{"cpu", 12.3}, {"gfx", 9.1}, {"npu", 0.7}});
  CHECK(metrics.clock_hertz == Values{{"sclk", 1900e6},
                                      {"socclk", 800e6},
                                      {"fclk", 1601e6},
                                      {"vclk", 400e6},
                                      {"mclk", 1600e6}});
  CHECK(metrics.throttle_cycles == Values{{"prochot", 1},
                                          {"power_sustained", 2},
                                          {"power_fast", 3},
                                          {"power_slow", 4},
                                          {"thermal_core", 5},
                                          {"thermal_gfx", 6},
                                          {"thermal_soc", 7}});
  CHECK_FALSE(metrics.counted_cycles);
  CHECK(metrics.busy_ratio.empty());
}
