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

}  // namespace

TEST_CASE("CPU chips are found by driver name, whatever their hwmon number") {
  const TemporaryDirectory sys;
  CHECK(find_cpu_chips(sys.path())->empty());
  sys.write("class/hwmon/hwmon0/name", "nvme\n");
  sys.write("class/hwmon/hwmon1/name", "k10temp\n");
  sys.write("class/hwmon/hwmon10/name", "coretemp\n");
  sys.write("class/hwmon/hwmon2/name", "amdgpu\n");
  const auto hwmon = sys.path() / "class/hwmon";
  CHECK(*find_cpu_chips(sys.path()) ==
        std::vector<std::filesystem::path>{hwmon / "hwmon1", hwmon / "hwmon10"});
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
  const auto found = read_cpu_temperatures(chip.path());
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
  const auto found = read_cpu_temperatures(chip.path());
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
    const auto found = read_cpu_temperatures(chip.path());
    CHECK(found.problems.empty());
    CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 41}});
  }
  const FailingRead fails(failing, EIO);
  const auto found = read_cpu_temperatures(chip.path());
  CHECK(texts(found.problems) == std::vector{failing.string() + ": Input/output error"});
  CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 41}});
}

TEST_CASE("A sensor whose label cannot be read is omitted and not shown under another label") {
  const TemporaryDirectory chip;
  chip.write("name", "coretemp\n");
  chip.write("temp1_input", "40000\n");
  chip.write("temp2_input", "41000\n");
  std::filesystem::create_directories(chip.path() / "temp1_label");  // reading it fails: EISDIR
  const auto found = read_cpu_temperatures(chip.path());
  CHECK(by_name(found) == std::map<std::string, double>{{"coretemp temp2", 41}});
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(texts(found.problems)[0], ContainsSubstring("temp1_label"));
}
