#include "gpu_probe/gpu_metrics/gpu_metrics_values.h"

#include <cstddef>

#include "gpu_probe/gpu_metrics/gpu_metrics_tables.h"
#include "rig/kernel/files.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using Values = std::map<std::string, double>;

namespace {

// The table of a GPU of a rig, with two bytes changed.
std::string table_with(std::size_t offset, unsigned value) {
  auto bytes = read_text(std::filesystem::path(RIG_TEST_RIGS) /
                         "rx6800x2-raid0-busy/sys/class/drm/card0/device/gpu_metrics")
                   .value_or("");
  bytes[offset] = static_cast<char>(value & 0xFFU);
  bytes[offset + 1] = static_cast<char>(value >> 8U);
  return bytes;
}

GpuReading read(const std::string& bytes, GpuReading before = {}) {
  const TemporaryDirectory directory;
  directory.write("gpu_metrics", bytes);
  FieldReader device(directory.path(), before);
  GpuMetricsQuirks quirks;
  read_gpu_metrics(device, quirks, before);
  return before;
}

constexpr std::size_t kEdge = 4;
constexpr std::size_t kVrSoc = 12;
constexpr std::size_t kGfxActivity = 16;
constexpr std::size_t kFanSpeed = 72;
constexpr std::size_t kLinkSpeed = 76;

}  // namespace

TEST_CASE("Values that the reading already has are kept") {
  GpuReading before;
  before.temperature_celsius = {{"edge", 67.5}};
  before.power_watts = 197.25;
  const auto reading = read(table_with(kEdge, 68), before);
  CHECK(reading.temperature_celsius.at("edge") == 67.5);
  CHECK(reading.temperature_celsius.at("junction") == 84);
  CHECK(reading.power_watts == 197.25);
}

TEST_CASE("A temperature of 0 in the table means a missing sensor") {
  const auto reading = read(table_with(kVrSoc, 0));
  CHECK_FALSE(reading.temperature_celsius.contains("vr_soc"));
  CHECK(reading.read_errors.empty());
}

TEST_CASE("An implausible value is dropped and counted, and the rest of the table is used") {
  const auto hot = read(table_with(kEdge, 511));
  CHECK_FALSE(hot.temperature_celsius.contains("edge"));
  CHECK(hot.temperature_celsius.contains("junction"));
  CHECK(hot.read_errors == Values{{"implausible", 1}});
}

TEST_CASE("The fan speed of the table is used where hwmon has none") {
  CHECK(read(table_with(kFanSpeed, 743)).fan_rpm == 743.0);
  GpuReading before;
  before.fan_rpm = 900;
  CHECK(read(table_with(kFanSpeed, 743), before).fan_rpm == 900.0);
  CHECK_FALSE(read(table_with(kFanSpeed, 0xFFFF)).fan_rpm);
}

TEST_CASE("A fan speed of 0 in the table means a stopped fan only if there is a fan") {
  CHECK_FALSE(read(table_with(kFanSpeed, 0)).fan_rpm);
  GpuReading with_fan;
  with_fan.fan_ratio = 0;
  CHECK(read(table_with(kFanSpeed, 0), with_fan).fan_rpm == 0.0);
}

TEST_CASE("A link speed below 2.5 GT/s is a generation, and not a speed") {
  for (const unsigned generation : {0U, 1U, 4U, 6U, 24U}) {
    const auto reading = read(table_with(kLinkSpeed, generation));
    CHECK_FALSE(reading.pcie_transfers_per_second);
    CHECK(reading.problems.empty());
    CHECK(reading.read_errors.empty());
  }
  CHECK(read(table_with(kLinkSpeed, 25)).pcie_transfers_per_second == 2.5e9);
}

TEST_CASE("Utilization in hundredths of a percent is ignored, including small values") {
  const TemporaryDirectory directory;
  GpuMetricsQuirks quirks;
  const auto read_with = [&](unsigned activity) {
    directory.write("gpu_metrics", table_with(kGfxActivity, activity));
    GpuReading reading;
    FieldReader device(directory.path(), reading);
    CHECK(read_gpu_metrics(device, quirks, reading));
    return reading;
  };
  CHECK(read_with(97).busy_ratio.at("gfx") == 0.97);
  const auto hundredfold = read_with(9700);
  CHECK(hundredfold.busy_ratio.empty());
  CHECK(hundredfold.problems.empty());
  CHECK(hundredfold.read_errors == Values{{"unsupported", 1}});
  CHECK(read_with(60).busy_ratio.empty());  // 0.6 %
}

TEST_CASE("A truncated table is a problem, and none of it is used") {
  const auto reading = read(table_with(kEdge, 68).substr(0, 60));
  CHECK(reading.temperature_celsius.empty());
  CHECK(reading.problems.size() == 1);
}

TEST_CASE("A complete table of an unknown version is not a problem") {
  auto bytes = table_with(kEdge, 68);
  bytes[3] = 99;
  const auto reading = read(bytes);
  CHECK(reading.temperature_celsius.empty());
  CHECK(reading.problems.empty());
  CHECK(reading.read_errors == Values{{"unsupported", 1}});
}

TEST_CASE("A missing or empty table adds no values") {
  CHECK(read("").problems.empty());
  GpuReading reading;
  FieldReader device("/nonexistent", reading);
  GpuMetricsQuirks quirks;
  CHECK(read_gpu_metrics(device, quirks, reading));
  CHECK(reading == GpuReading{});
}

TEST_CASE("A table that cannot be read is distinguished from a missing one") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "gpu_metrics");
  GpuReading reading;
  FieldReader device(directory.path(), reading);
  GpuMetricsQuirks quirks;
  CHECK_FALSE(read_gpu_metrics(device, quirks, reading));
}

TEST_CASE("The cycles in which a clock was limited are averaged over the XCCs") {
  const auto reading = read(v1_8().bytes());
  CHECK(reading.limited_cycles ==
        Values{{"power", 103.5}, {"thermal", 203.5}, {"low_utilization", 303.5}, {"total", 403.5}});
  CHECK(reading.busy_cycles == Values{{"gfx", 70000}, {"memory", 40000}});
  CHECK(reading.counted_cycles == 1000.0);
}

TEST_CASE("Bandwidths are in bytes per second, and a memory without bandwidth is unknown") {
  const auto reading = read(v1_8().bytes());
  CHECK(reading.memory_max_bytes_per_second == 5325e9);
  CHECK(reading.pcie_bytes_per_second == 12e9);
  auto bytes = v1_8().bytes();
  constexpr std::size_t kMemoryBandwidth = 16;
  constexpr std::size_t kPcieBandwidth = 96;
  for (std::size_t i = 0; i < 8; ++i) bytes[kMemoryBandwidth + i] = bytes[kPcieBandwidth + i] = 0;
  const auto idle = read(bytes);
  CHECK_FALSE(idle.memory_max_bytes_per_second);
  CHECK(idle.pcie_bytes_per_second == 0.0);
}
