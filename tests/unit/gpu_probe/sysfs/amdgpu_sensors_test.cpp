#include "gpu_probe/sysfs/amdgpu_sensors.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "gpu_probe/sysfs/amdgpu_rig.h"
#include "support/catch.h"

using namespace rig;
namespace fs = std::filesystem;

TEST_CASE("A file that cannot be read is a problem, and only its own value is lost") {
  const BareRig rig;
  RigCopy::make_unreadable(rig.hwmon() / "temp1_input");
  const auto result = source_of(rig).read().value();
  CHECK_FALSE(result.reading.temperature_celsius.contains("edge"));
  CHECK(result.reading.temperature_celsius.contains("junction"));
  CHECK(result.reading.power_watts == 5.0);
  REQUIRE(result.reading.problems.size() == 1);
  CHECK(result.reading.problems[0] ==
        Problem::from_errno(first_gpu(rig) / "hwmon/hwmon2/temp1_input", EISDIR));
  CHECK(result.query.temperatures == std::vector<std::string>{"junction", "memory"});
}

TEST_CASE("A gpu_busy_percent that cannot be read is not 0") {
  const BareRig rig;
  RigCopy::make_unreadable(rig.gpu() / "gpu_busy_percent");
  const auto reading = read(rig);
  CHECK_FALSE(reading.busy_ratio.contains("gfx"));
  CHECK(reading.problems.size() == 1);
}

TEST_CASE("A missing file is an absent value and not a problem") {
  const BareRig rig;
  for (const char* name : {"temp2_input", "power1_average", "fan1_input", "pwm1", "power1_cap"})
    fs::remove(rig.hwmon() / name);
  for (const char* name : {"pp_dpm_sclk", "gpu_busy_percent", "mem_info_vram_used", "unique_id",
                           "power_dpm_force_performance_level"})
    fs::remove(rig.gpu() / name);
  const auto result = source_of(rig).read().value();
  const GpuReading& reading = result.reading;
  CHECK(reading.problems.empty());
  CHECK_FALSE(reading.temperature_celsius.contains("junction"));
  CHECK_FALSE(reading.power_watts);
  CHECK_FALSE(reading.power_cap_watts);
  CHECK_FALSE(reading.fan_rpm);
  CHECK_FALSE(reading.fan_ratio);
  CHECK_FALSE(reading.performance_level);
  CHECK_FALSE(reading.busy_ratio.contains("gfx"));
  CHECK_FALSE(reading.memory_used_bytes.contains("vram"));
  CHECK(reading.identity.unique_id.empty());
  CHECK_FALSE(result.query.power);
  CHECK_FALSE(result.query.fan_rpm);
  CHECK_FALSE(result.query.memory_used);
}

TEST_CASE("Malformed text is quoted, and only its own value is lost") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "power1_cap", "lots\n");
  RigCopy::write(rig.gpu() / "pp_dpm_mclk", "fast\n");
  RigCopy::write(rig.gpu() / "unique_id", "none\n");
  const auto result = source_of(rig).read().value();
  CHECK_FALSE(result.reading.power_cap_watts);
  CHECK(result.reading.clock_hertz.at("mclk") == 96e6);  // from hwmon
  REQUIRE(result.reading.problems.size() == 3);
  CHECK(result.reading.problems[1] ==
        Problem::malformed(first_gpu(rig) / "hwmon/hwmon2/power1_cap", "lots"));
}

TEST_CASE("A number without a newline was truncated, and is not a value") {
  for (const char* file : {"hwmon/hwmon2/power1_average", "hwmon/hwmon2/fan1_input",
                           "gpu_busy_percent", "mem_info_vram_used"}) {
    INFO(file);
    const BareRig rig;
    RigCopy::write(rig.gpu() / file, "3");
    const auto reading = read(rig);
    REQUIRE(reading.problems.size() == 1);
    CHECK(reading.problems[0] == Problem{Reason::malformed, (first_gpu(rig) / file).string(),
                                         "does not end with a newline"});
  }
}

TEST_CASE("Texts that were truncated are not values") {
  const BareRig rig;
  RigCopy::write(rig.gpu() / "power_dpm_force_performance_level", "au");
  RigCopy::write(rig.gpu() / "unique_id", "4d2b1c");
  RigCopy::write(rig.gpu() / "pp_dpm_pcie", "0: 2.5GT/s, x1 310Mhz \n1: 8.0GT/s, x8 619Mhz");
  RigCopy::write(rig.gpu() / "pp_dpm_mclk", "0: 96Mhz *\n1: 4");
  const auto reading = read(rig);
  CHECK_FALSE(reading.performance_level);
  CHECK(reading.identity.unique_id.empty());
  CHECK_FALSE(reading.clock_max_hertz.contains("mclk"));
  CHECK(reading.pcie_lanes == 8.0);  // from the PCI core
  CHECK(reading.problems.size() == 4);
}

TEST_CASE("Clocks are known where the driver marks all equal levels") {
  const RigCopy rig;
  RigCopy::write(rig.gpu() / "pp_dpm_fclk", "0: 1266Mhz *\n1: 1266Mhz *\n2: 1941Mhz \n");
  RigCopy::write(rig.gpu() / "pp_dpm_mclk", "0: 1000Mhz *\n1: 1000Mhz *\n");
  RigCopy::write(rig.gpu() / "pp_dpm_pcie",
                 "0: 16.0GT/s, x16 619Mhz *\n1: 16.0GT/s, x16 619Mhz *\n");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.problems.empty());
  CHECK(result.reading.clock_hertz.at("fclk") == 1266e6);
  CHECK(result.reading.clock_max_hertz.at("fclk") == 1941e6);
  CHECK(result.reading.pcie_lanes == 16.0);
  CHECK(result.query.clocks == std::vector<std::string>{"sclk"});
}

TEST_CASE("Implausible values are dropped with a problem") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "temp1_input", "511000\n");
  RigCopy::write(rig.hwmon() / "temp2_input", "-273150\n");
  RigCopy::write(rig.hwmon() / "power1_average", "4294967000000\n");
  RigCopy::write(rig.hwmon() / "fan1_input", "-2\n");
  RigCopy::write(rig.hwmon() / "pwm1", "300\n");
  RigCopy::write(rig.gpu() / "gpu_busy_percent", "255\n");
  RigCopy::write(rig.gpu() / "mem_info_vram_used", "18446744073709551611\n");
  const auto reading = read(rig);
  CHECK(reading.temperature_celsius == std::map<std::string, double>{{"memory", 28}});
  CHECK_FALSE(reading.power_watts);
  CHECK_FALSE(reading.fan_rpm);
  CHECK_FALSE(reading.fan_ratio);
  CHECK_FALSE(reading.busy_ratio.contains("gfx"));
  CHECK_FALSE(reading.memory_used_bytes.contains("vram"));
  CHECK(reading.problems.size() == 7);
  CHECK(std::ranges::count(reading.problems, Reason::implausible, &Problem::reason) == 6);
}

TEST_CASE("Values at the limits of the plausible range are kept") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "temp1_input", "0\n");
  RigCopy::write(rig.hwmon() / "power1_average", "300000\n");
  RigCopy::write(rig.gpu() / "gpu_busy_percent", "100\n");
  RigCopy::write(rig.gpu() / "mem_info_vram_used", "0\n");
  const auto reading = read(rig);
  CHECK(reading.problems.empty());
  CHECK(reading.temperature_celsius.at("edge") == 0);
  CHECK(reading.power_watts == 0.3);
  CHECK(reading.busy_ratio.at("gfx") == 1);
  CHECK(reading.memory_used_bytes.at("vram") == 0);
}

TEST_CASE("Replays are not taken from another counter if the table cannot be read") {
  const RigCopy rig;
  CHECK(read(rig).pcie_errors.at("replays") == 0);
  RigCopy::make_unreadable(rig.gpu() / "gpu_metrics");
  CHECK(read(rig).pcie_errors.empty());
}

TEST_CASE("Without an average power the instantaneous power is read") {
  const BareRig rig;
  fs::remove(rig.hwmon() / "power1_average");
  RigCopy::write(rig.hwmon() / "power1_input", "7000000\n");
  CHECK(read(rig).power_watts == 7.0);
}

TEST_CASE("Temperature sensors are identified by their labels") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "temp1_label", "junction\n");
  RigCopy::write(rig.hwmon() / "temp2_label", "mem\n");
  RigCopy::write(rig.hwmon() / "temp3_label", "tomorrow\n");
  CHECK(read(rig).temperature_celsius ==
        std::map<std::string, double>{{"junction", 27}, {"memory", 29}});
}

TEST_CASE("A sensor whose label cannot be read is skipped") {
  const BareRig rig;
  RigCopy::make_unreadable(rig.hwmon() / "temp1_label");
  const auto reading = read(rig);
  CHECK_FALSE(reading.temperature_celsius.contains("edge"));
  CHECK(reading.problems.size() == 1);
}

TEST_CASE("A clock between two levels is read from hwmon") {
  const RigCopy rig;
  RigCopy::write(rig.gpu() / "pp_dpm_mclk", "0: 96Mhz \n1: 456Mhz \n");
  RigCopy::write(rig.hwmon() / "freq2_input", "300000000\n");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.clock_hertz.at("mclk") == 300e6);
  CHECK(result.reading.problems.empty());
  CHECK(result.query.clocks == std::vector<std::string>{"sclk"});
}

TEST_CASE("A deep-sleep level is read, and librocm_smi64 is not queried for that clock") {
  const RigCopy rig;
  RigCopy::write(rig.gpu() / "pp_dpm_sclk", "S: 19Mhz *\n0: 615Mhz\n1: 2400Mhz\n");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.clock_hertz.at("sclk") == 19e6);
  CHECK(result.query.clocks == std::vector<std::string>{"mclk"});
}
