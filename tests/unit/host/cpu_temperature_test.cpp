#include "host/cpu_temperature.h"

#include <cerrno>
#include <map>

#include "support/catch.h"
#include "support/failing_read.h"
#include "support/problem_texts.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

std::map<std::string, double> by_name(const CpuTemperatures& found) {
  std::map<std::string, double> sensors;
  for (const auto& sensor : found.sensors)
    sensors[sensor.chip + " " + sensor.name] = sensor.celsius;
  return sensors;
}

CpuTemperatures read(const TemporaryDirectory& chip) {
  ReadableFiles files;
  return read_cpu_temperatures(chip.path(), files);
}

}  // namespace

TEST_CASE("CPU chips and thermal zones are found by name") {
  for (const char* name : {"coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu0_thermal",
                           "soc_thermal", "scpi_sensors", "apm_xgene", "via_cputemp"})
    CHECK(is_cpu_chip(name));
  for (const char* name : {"nvme", "amdgpu", "acpitz", "gpu_thermal", "fam15h_power", "nct6775",
                           "rpi_volt", "socfpga", ""})
    CHECK_FALSE(is_cpu_chip(name));
  for (const char* type :
       {"x86_pkg_temp", "cpu-thermal", "cpu0-0-top-thermal", "CPU-therm", "soc-thermal",
        "bigcore0-thermal", "soc_dts0", "bcm2835_thermal", "bcpu-thermal", "MCPU-therm",
        "mpu0-thermal", "ap-thermal-cpu3", "core-cluster", "cluster6-7-thermal", "cluster0_thermal",
        "atlas0-thermal", "cpuss1-thermal", "littlecore-thermal"})
    CHECK(is_cpu_zone(type));
  for (const char* type :
       {"acpitz", "gpu-thermal", "ap-thermal-ic", "mcu-thermal", "center-thermal", "iwlwifi_1",
        "pch_skylake", "battery", "INT3400 Thermal"})
    CHECK_FALSE(is_cpu_zone(type));
}

TEST_CASE("A chip of another device is not read any further") {
  const TemporaryDirectory chip;
  chip.write("name", "nvme\n");
  chip.write("temp1_input", "hot\n");
  const auto found = read(chip);
  CHECK(found.driver.empty());
  CHECK(found.sensors.empty());
  CHECK(found.problems.empty());
}

TEST_CASE("A chip that belongs to a thermal zone is named after its type") {
  const TemporaryDirectory chip;
  chip.write("name", "cpu_thermal\n");
  std::filesystem::create_directory_symlink("../../thermal_zone0", chip.path() / "device");
  chip.write("temp1_input", "61348\n");
  CHECK(by_name(read(chip)) == std::map<std::string, double>{{"cpu_thermal temp1", 61.348}});
}

TEST_CASE("Of a driver that measures the whole machine only the cores are shown") {
  const TemporaryDirectory chip;
  chip.write("name", "ibmpowernv\n");
  chip.write("temp1_input", "41000\n");
  chip.write("temp1_label", "Chip 0 Core 0\n");
  chip.write("temp2_input", "35000\n");
  chip.write("temp2_label", "Chip 0 DIMM 0\n");
  CHECK(by_name(read(chip)) == std::map<std::string, double>{{"ibmpowernv Chip 0 Core 0", 41}});
}

TEST_CASE("A thermal zone is shown with its type, unless it has never been measured") {
  const TemporaryDirectory sys;
  sys.write("thermal_zone3/type", "x86_pkg_temp\n");
  sys.write("thermal_zone3/temp", "52000\n");
  ReadableFiles files;
  const auto zone = sys.path() / "thermal_zone3";
  CHECK(by_name(read_cpu_zone(zone, files)) ==
        std::map<std::string, double>{{"x86_pkg_temp thermal_zone3", 52}});
  sys.write("thermal_zone3/temp", "-274000\n");
  CHECK(read_cpu_zone(zone, files).problems.empty());
  CHECK(read_cpu_zone(zone, files).sensors.empty());
  sys.write("thermal_zone3/type", "acpitz\n");
  CHECK(read_cpu_zone(zone, files).driver.empty());
}

TEST_CASE("A thermal zone repeats the chip of the same name and the chips of whole CPUs") {
  CHECK(repeats_chip("cpu_thermal", {"cpu_thermal"}));
  CHECK(repeats_chip("x86_pkg_temp", {"coretemp"}));
  CHECK_FALSE(repeats_chip("cpu_thermal", {"soc_thermal"}));
  CHECK_FALSE(repeats_chip("cpu_thermal", {}));
}

TEST_CASE("A temperature that a chip never provides is absent, one that it stops providing fails") {
  const TemporaryDirectory chip;
  chip.write("name", "k10temp\n");
  const auto input = chip.write("temp1_input", "40000\n");
  ReadableFiles files;
  const int error_number = GENERATE(EINVAL, EOPNOTSUPP, ENODEV, ENODATA, EPERM);
  {
    const FailingRead fails(input, error_number);
    CHECK(read_cpu_temperatures(chip.path(), files).problems.empty());
  }
  CHECK(read_cpu_temperatures(chip.path(), files).sensors.size() == 1);
  const FailingRead fails(input, error_number);
  CHECK(read_cpu_temperatures(chip.path(), files).problems.size() == 1);
}

TEST_CASE("A chip is named after its device and a sensor after its label") {
  const TemporaryDirectory chip;
  chip.write("name", "k10temp\n");
  std::filesystem::create_directory_symlink("../../../0000:00:18.3", chip.path() / "device");
  chip.write("temp1_input", "77375\n");
  chip.write("temp1_label", "Tctl\n");
  chip.write("temp2_input", "50375\n");
  chip.write("temp2_label", "Tdie\n");
  chip.write("temp3_input", "-5000\n");
  chip.write("temp3_max", "100000\n");
  const auto found = read(chip);
  CHECK(found.problems.empty());
  CHECK(by_name(found) == std::map<std::string, double>{{"0000:00:18.3 Tctl", 77.375},
                                                        {"0000:00:18.3 Tdie", 50.375},
                                                        {"0000:00:18.3 temp3", -5}});
}

TEST_CASE("An implausible or malformed temperature is a problem, and the others are reported") {
  const TemporaryDirectory chip;
  chip.write("name", "coretemp\n");
  const auto [input, problem] =
      GENERATE(std::pair<std::string, std::string>("255000", "implausible temperature: 255000"),
               std::pair<std::string, std::string>("-40001", "implausible temperature: -40001"),
               std::pair<std::string, std::string>("warm", "malformed: \"warm\""),
               std::pair<std::string, std::string>("", "malformed: \"\""));
  chip.write("temp1_input", input + "\n");
  chip.write("temp2_input", "150000\n");
  const auto found = read(chip);
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(texts(found.problems)[0], ContainsSubstring("temp1_input: " + problem));
  CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 150}});
}

TEST_CASE("A sensor without a current value is omitted, one that fails is a problem") {
  const TemporaryDirectory chip;
  chip.write("name", "coretemp\n");
  const auto failing = chip.write("temp1_input", "40000\n");
  chip.write("temp2_input", "41000\n");
  {
    // coretemp if the core is idle or offline; other drivers before their first measurement.
    const FailingRead fails(failing, GENERATE(EAGAIN, ENODATA));
    const auto found = read(chip);
    CHECK(found.problems.empty());
    CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 41}});
  }
  const FailingRead fails(failing, EIO);
  const auto found = read(chip);
  CHECK(texts(found.problems) == std::vector{failing.string() + ": Input/output error"});
  CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 41}});
}

TEST_CASE("A sensor whose label cannot be read is omitted and not shown under another label") {
  const TemporaryDirectory chip;
  chip.write("name", "coretemp\n");
  chip.write("temp1_input", "40000\n");
  chip.write("temp2_input", "41000\n");
  if (GENERATE(true, false)) {
    std::filesystem::create_directories(chip.path() / "temp1_label");  // reading it fails: EISDIR
  } else {
    chip.write("temp1_label", "Core 1");  // of "Core 10", perhaps
  }
  const auto found = read(chip);
  CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 41}});
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(texts(found.problems)[0], ContainsSubstring("temp1_label"));
}
