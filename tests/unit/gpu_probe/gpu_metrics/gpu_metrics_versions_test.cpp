#include <filesystem>
#include <fstream>
#include <iterator>

#include "gpu_probe/gpu_metrics/gpu_metrics.h"
#include "gpu_probe/gpu_metrics/gpu_metrics_tables.h"
#include "support/catch.h"

using namespace rig;
using Values = GpuMetrics::Values;

namespace {

const Values kCardTemperatures{{"edge", 40},   {"junction", 50}, {"memory", 60},
                               {"vr_gfx", 41}, {"vr_soc", 42},   {"vr_memory", 43}};

void check_card(const GpuMetrics& metrics) {
  CHECK(metrics.busy_ratio == Values{{"gfx", 0.97}, {"memory", 0.31}, {"media", 0.12}});
  CHECK(metrics.power_watts == 203.0);
  CHECK(metrics.energy_joules == 0.5);
  CHECK(metrics.throttle_status == 0x12345678U);
  CHECK(metrics.fan_rpm == 1812.0);
  CHECK(metrics.pcie_lanes == 16.0);
  CHECK(metrics.pcie_errors.empty());
  CHECK(metrics.xgmi_bytes.empty());
  CHECK_FALSE(metrics.counted_cycles);
}

// The same in all versions for accelerators.
void check_accelerator(const GpuMetrics& metrics) {
  CHECK(metrics.temperature_celsius == Values{{"junction", 50}, {"memory", 60}, {"vr_soc", 42}});
  CHECK(metrics.power_watts == 707.0);
  Values busy{{"gfx", 0.98}, {"memory", 0.55}, {"media", 0.4}};
  if (metrics.content_revision > 4) busy["jpeg"] = 0.21;
  CHECK(metrics.busy_ratio == busy);
  CHECK(metrics.pcie_bytes_per_second == 12e9);
  CHECK(metrics.energy_joules == 0.5);
  CHECK(metrics.pcie_lanes == 16.0);
  CHECK(metrics.pcie_transfers_per_second == 32e9);
  CHECK(metrics.clock_hertz ==
        Values{
            {"sclk", 2105e6}, {"socclk", 1201e6}, {"vclk", 30e6}, {"dclk", 22e6}, {"mclk", 900e6}});
  REQUIRE(metrics.xgmi_bytes.size() == 7);  // the last link is not measured
  CHECK(metrics.xgmi_bytes.at("0") == Values{{"read", 1024}, {"write", 11 * 1024}});
  CHECK(metrics.xgmi_bytes.at("6") == Values{{"read", 7 * 1024}, {"write", 17 * 1024}});
  CHECK(metrics.xgmi_lanes == 16.0);
  CHECK(metrics.xgmi_transfers_per_second == 32e9);
  CHECK_FALSE(metrics.indep_throttle_status);
  CHECK_FALSE(metrics.fan_rpm);
}

const Values kPcieErrors{{"recoveries", 5}, {"replays", 6}, {"replay_rollovers", 7}};
const Values kPcieErrorsWithNaks{{"recoveries", 5},
                                 {"replays", 6},
                                 {"replay_rollovers", 7},
                                 {"naks_sent", 8},
                                 {"naks_received", 9}};

// Of the tables with partitions.
void check_xcc(const GpuMetrics& metrics) {
  CHECK(metrics.xcc_busy_ratio == Values{{"0", 0.10},
                                         {"1", 0.11},
                                         {"2", 0.12},
                                         {"3", 0.13},
                                         {"4", 0.14},
                                         {"5", 0.15},
                                         {"6", 0.16},
                                         {"7", 0.17}});
}

const Values kXgmiLinks{{"0", 1}, {"1", 1}, {"2", 1}, {"3", 1}, {"4", 1}, {"5", 0}, {"6", 1}};

// Counters of each of the eight XCCs.
Values cycles_of_xccs(double first) {
  Values cycles;
  for (int xcc = 0; xcc < 8; ++xcc) cycles[std::to_string(xcc)] = first + xcc;
  return cycles;
}

const std::map<std::string, Values> kLimits{{"power", cycles_of_xccs(100)},
                                            {"thermal", cycles_of_xccs(200)},
                                            {"low_utilization", cycles_of_xccs(300)},
                                            {"total", cycles_of_xccs(400)}};

void check_throttle_cycles(const GpuMetrics& metrics) {
  CHECK(metrics.counted_cycles == 1000.0);
  CHECK(metrics.busy_cycles == Values{{"gfx", 70000}, {"memory", 40000}});
  CHECK(metrics.throttle_cycles == Values{{"prochot", 1},
                                          {"power", 2},
                                          {"thermal_socket", 3},
                                          {"thermal_vr", 4},
                                          {"thermal_memory", 5}});
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("Version 1.0 has the link speed in one byte") {
  const auto metrics = parsed(v1_0().bytes(), 80);
  CHECK(metrics.format_revision == 1);
  CHECK(metrics.content_revision == 0);
  CHECK(metrics.temperature_celsius == kCardTemperatures);
  CHECK(metrics.clock_hertz ==
        Values{
            {"sclk", 2310e6}, {"socclk", 960e6}, {"mclk", 1000e6}, {"vclk", 21e6}, {"dclk", 22e6}});
  CHECK(metrics.pcie_transfers_per_second == 16e9);
  check_card(metrics);
}

TEST_CASE("The clock of the faster of two video engines is reported") {
  const auto metrics = parsed(v1_1().bytes(), 96);
  CHECK(metrics.clock_hertz.at("vclk") == 31e6);
  CHECK(metrics.clock_hertz.at("dclk") == 22e6);
}

TEST_CASE("Versions 1.1 to 1.3 have the temperature of four memory stacks") {
  Values temperatures{{"hbm0", 44}, {"hbm1", 45}, {"hbm2", 46}, {"hbm3", 47}};
  temperatures.insert(kCardTemperatures.begin(), kCardTemperatures.end());
  for (const auto& metrics :
       {parsed(v1_1().bytes(), 96), parsed(v1_2().bytes(), 104), parsed(v1_3().bytes(), 120)}) {
    CHECK(metrics.temperature_celsius == temperatures);
    CHECK(metrics.pcie_transfers_per_second == 32e9);
    CHECK(metrics.indep_throttle_status.has_value() == (metrics.content_revision == 3));
    check_card(metrics);
  }
}

TEST_CASE("Version 1.3 has voltages") {
  const auto metrics = parsed(v1_3().bytes(), 120);
  CHECK(metrics.voltage_volts == Values{{"soc", 0.812}, {"gfx", 1.035}, {"memory", 0.706}});
}

TEST_CASE("Versions for accelerators have the same fields at different offsets") {
  SECTION("1.4 counts no NAKs") {
    const auto metrics = parsed(v1_4().bytes(), 288);
    check_accelerator(metrics);
    CHECK(metrics.pcie_errors == kPcieErrors);
    CHECK(metrics.throttle_status == 2U);
    CHECK_FALSE(metrics.counted_cycles);
  }
  SECTION("1.5") {
    const auto metrics = parsed(v1_5().bytes(), 360);
    check_accelerator(metrics);
    CHECK(metrics.pcie_errors == kPcieErrorsWithNaks);
    CHECK(metrics.throttle_status == 2U);
    CHECK(metrics.throttle_cycles.empty());
    CHECK(metrics.busy_cycles.empty());  // of an unknown number of cycles
  }
  SECTION("1.6 as it was first") {
    const auto metrics = parsed(early_v1_6().bytes(), 384);
    check_accelerator(metrics);
    check_throttle_cycles(metrics);
    CHECK(metrics.pcie_errors == kPcieErrorsWithNaks);
    CHECK(metrics.throttle_status == 2U);
  }
  SECTION("1.6 to 1.8 have video engines by partition") {
    for (const auto& metrics : {parsed(v1_6().bytes(), 1664), parsed(v1_7().bytes(), 2208),
                                parsed(v1_8().bytes(), 3872)}) {
      check_accelerator(metrics);
      check_throttle_cycles(metrics);
      check_xcc(metrics);
      CHECK(metrics.xgmi_link_up == (metrics.content_revision > 6 ? kXgmiLinks : Values{}));
      CHECK(metrics.pcie_errors == kPcieErrorsWithNaks);
      CHECK_FALSE(metrics.throttle_status);
    }
  }
  SECTION("1.7 and later have a memory bandwidth, and limits that the clock was below") {
    const auto v6 = parsed(v1_6().bytes(), 1664);
    CHECK_FALSE(v6.memory_max_bytes_per_second);
    CHECK(v6.limited_cycles.empty());
    const auto v7 = parsed(v1_7().bytes(), 2208);
    CHECK(v7.memory_max_bytes_per_second == 5325e9);
    CHECK(v7.limited_cycles == std::map<std::string, Values>{{"total", cycles_of_xccs(100)}});
    const auto v8 = parsed(v1_8().bytes(), 3872);
    CHECK(v8.memory_max_bytes_per_second == 5325e9);
    CHECK(v8.limited_cycles == kLimits);
  }
  SECTION("1.9 is self-describing") {
    const auto metrics = parsed(v1_9().bytes(), 1154);
    CHECK(metrics.content_revision == 9);
    check_xcc(metrics);
    CHECK(metrics.xgmi_link_up == kXgmiLinks);
    check_accelerator(metrics);
    check_throttle_cycles(metrics);
    CHECK(metrics.memory_max_bytes_per_second == 5325e9);
    CHECK(metrics.limited_cycles == kLimits);
    CHECK(metrics.pcie_errors == kPcieErrorsWithNaks);
    CHECK_FALSE(metrics.throttle_status);
  }
}

TEST_CASE("A Radeon RX 6800 reports only what it measures") {
  const std::filesystem::path sys =
      std::filesystem::path(RIG_TEST_RIGS) / "rx6800x2-raid0-busy/sys";
  const auto metrics = parsed(
      content_of(sys / "devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0" /
                 "gpu_metrics"),
      120);
  CHECK(metrics.content_revision == 3);
  CHECK(metrics.temperature_celsius == Values{{"edge", 68},
                                              {"junction", 84},
                                              {"memory", 78},
                                              {"vr_gfx", 69},
                                              {"vr_soc", 70},
                                              {"vr_memory", 78}});
  CHECK(metrics.power_watts == 198.0);
  CHECK(metrics.energy_joules == 1'234'567'890 / 65536.0);
  CHECK(metrics.clock_hertz ==
        Values{{"sclk", 2310e6}, {"socclk", 480e6}, {"mclk", 1000e6}, {"vclk", 0}, {"dclk", 0}});
  CHECK(metrics.busy_ratio == Values{{"gfx", 0.97}, {"memory", 0.61}, {"media", 0}});
  CHECK(metrics.voltage_volts == Values{{"soc", 0.812}, {"gfx", 1.018}, {"memory", 0.706}});
  CHECK(metrics.fan_rpm == 1800.0);
  CHECK(metrics.pcie_lanes == 8.0);
  CHECK(metrics.pcie_transfers_per_second == 8e9);
  CHECK(metrics.throttle_status == 0U);
  CHECK(metrics.indep_throttle_status == 0U);
  CHECK(metrics.pcie_errors.empty());
  CHECK(metrics.xgmi_bytes.empty());
}

TEST_CASE("Every gpu_metrics of the rigs is parsed") {
  std::size_t count = 0;
  for (const auto* rig : {"rx6800x2-raid0", "rx6800x2-raid0-busy", "rx6800x2-raid0-dead"}) {
    const auto sys = std::filesystem::path(RIG_TEST_RIGS) / rig / "sys/devices";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(sys)) {
      if (entry.path().filename() != "gpu_metrics") continue;
      const auto metrics = parsed(content_of(entry.path()), 120);
      CHECK(metrics.temperature_celsius.size() == 6);
      ++count;
    }
  }
  CHECK(count == 6);
}
