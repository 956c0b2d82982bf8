#include "host/cpu_temperature.h"

#include <cerrno>
#include <map>

#include "support/catch.h"
#include "support/failing_read.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

std::map<std::string, double> by_name(const CpuTemperatures& found) {
  std::map<std::string, double> sensors;
  for (const auto& sensor : found.sensors)
    sensors[sensor.chip + " " + sensor.name] = sensor.celsius;
  return sensors;
}

}  // namespace

TEST_CASE("Only the chips of CPUs are read, whatever number hwmon gave them") {
  const TemporaryDirectory sys;
  CHECK(find_cpu_chips(sys.path()).empty());
  sys.write("class/hwmon/hwmon0/name", "nvme\n");
  sys.write("class/hwmon/hwmon1/name", "k10temp\n");
  sys.write("class/hwmon/hwmon10/name", "coretemp\n");
  sys.write("class/hwmon/hwmon2/name", "amdgpu\n");
  const auto hwmon = sys.path() / "class/hwmon";
  CHECK(find_cpu_chips(sys.path()) ==
        std::vector<std::filesystem::path>{hwmon / "hwmon1", hwmon / "hwmon10"});
}

TEST_CASE("A chip is named by its device and a sensor by its label, Tctl beside Tdie") {
  const TemporaryDirectory chip;
  chip.write("name", "k10temp\n");
  std::filesystem::create_directory_symlink("../../../0000:00:18.3", chip.path() / "device");
  chip.write("temp1_input", "77375\n");
  chip.write("temp1_label", "Tctl\n");
  chip.write("temp2_input", "50375\n");
  chip.write("temp2_label", "Tdie\n");
  chip.write("temp3_input", "-5000\n");
  chip.write("temp3_max", "100000\n");
  const auto found = read_cpu_temperatures(chip.path());
  CHECK(found.problems.empty());
  CHECK(by_name(found) == std::map<std::string, double>{{"0000:00:18.3 Tctl", 77.375},
                                                        {"0000:00:18.3 Tdie", 50.375},
                                                        {"0000:00:18.3 temp3", -5}});
}

TEST_CASE("A temperature that cannot be is a problem, and the others stand") {
  const TemporaryDirectory chip;
  chip.write("name", "coretemp\n");
  const std::string senseless = GENERATE("255000", "-40001", "warm", "");
  chip.write("temp1_input", senseless + "\n");
  chip.write("temp2_input", "150000\n");
  const auto found = read_cpu_temperatures(chip.path());
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(found.problems[0], ContainsSubstring("temp1_input: no plausible temperature"));
  CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 150}});
}

TEST_CASE("A sensor that has nothing to say now has no sample, one that fails is a problem") {
  const TemporaryDirectory chip;
  chip.write("name", "coretemp\n");
  const auto refuses = chip.write("temp1_input", "40000\n");
  chip.write("temp2_input", "41000\n");
  {
    // coretemp while its core sleeps or has gone; others before their first measurement.
    const FailingRead refused(refuses, GENERATE(EAGAIN, ENODATA));
    const auto found = read_cpu_temperatures(chip.path());
    CHECK(found.problems.empty());
    CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 41}});
  }
  const FailingRead refused(refuses, EIO);
  const auto found = read_cpu_temperatures(chip.path());
  CHECK(found.problems == std::vector{refuses.string() + ": Input/output error"});
  CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 41}});
}
