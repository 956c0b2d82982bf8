// Files that the driver refuses or does not support, and numbers that the firmware does not know.
#include <cerrno>
#include <filesystem>
#include <list>

#include "gpu_probe/sysfs/amdgpu_rig.h"
#include "support/catch.h"
#include "support/failing_read.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

constexpr const char* kSensorFiles[] = {"gpu_busy_percent", "hwmon/hwmon2/power1_average",
                                        "hwmon/hwmon2/in0_input", "pp_dpm_sclk"};

// Makes the driver refuse all reads that access the GPU.
std::list<FailingRead> reset(const RigCopy& rig) {
  std::list<FailingRead> refused;
  for (const auto& directory : {rig.gpu(), rig.hwmon()}) {
    for (const auto& entry : fs::directory_iterator(directory)) {
      const auto name = entry.path().filename().string();
      if (entry.is_regular_file() && name.find("link_") == name.npos &&
          !name.starts_with("mem_info") && name != "vendor" && name != "uevent")
        refused.emplace_back(entry.path(), EPERM);
    }
  }
  return refused;
}

}  // namespace

TEST_CASE("A sensor that the GPU does not have is absent and not a problem, with any errno") {
  for (const int error_number : {EINVAL, EOPNOTSUPP, ENODATA, ENODEV, EPERM, ENOSYS, 524}) {
    for (const char* file : kSensorFiles) {
      INFO(file << " " << error_number);
      const BareRig rig;
      const FailingRead fails(rig.gpu() / file, error_number);
      auto source = source_of(rig);
      for (int sample = 0; sample < 3; ++sample) {
        const auto reading = source.read().value().reading;
        CHECK(reading.problems.empty());
        CHECK_FALSE(reading.read_errors.contains("io"));
        CHECK_FALSE(reading.read_errors.contains("reset"));
      }
    }
  }
}

TEST_CASE("A sensor that had a value and is not supported any more is a problem") {
  for (const char* file : kSensorFiles) {
    INFO(file);
    const BareRig rig;
    auto source = source_of(rig);
    CHECK(source.read().value().reading.problems.empty());
    {
      const FailingRead fails(rig.gpu() / file, EINVAL);
      const auto reading = source.read().value().reading;
      REQUIRE(reading.problems.size() == 1);
      CHECK(reading.problems[0].reason == Reason::io_error);
      CHECK(reading.read_errors == LabeledNumbers{{"io", 1}});
    }
    CHECK(source.read().value().reading.problems.empty());
    fs::remove(rig.gpu() / file);
    CHECK(source.read().value().reading.problems.size() == 1);
    // The GPU was removed and has returned.
    CHECK(read(rig).problems.empty());
  }
}

TEST_CASE("If all files are refused, the GPU is being reset, also at the first contact") {
  const BareRig rig;
  auto source = source_of(rig);
  {
    const auto refused = reset(rig);
    const auto reading = source.read().value().reading;
    CHECK(reading.problems.size() > 5);
    for (const Problem& problem : reading.problems) CHECK(problem.reason == Reason::resetting);
    CHECK(reading.read_errors.contains("reset"));
  }
  const auto after = source.read().value().reading;
  CHECK(after.problems.empty());
  CHECK(after.identity.unique_id == "0x4d2b1c0f3a5e6879");
  CHECK(after.fan_max_rpm == 3300.0);
  const auto refused = reset(rig);
  CHECK(source.read().value().reading.problems.size() > 5);
}

TEST_CASE("Properties that were refused at the end of a reset are read again") {
  const BareRig rig;
  auto source = source_of(rig);
  {
    const FailingRead fails(rig.gpu() / "unique_id", EPERM);
    CHECK(source.read().value().reading.identity.unique_id.empty());
  }
  CHECK(source.read().value().reading.identity.unique_id == "0x4d2b1c0f3a5e6879");
}

TEST_CASE("Numbers that the firmware does not know are absent and not a problem") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "fan1_input", "65535\n");
  RigCopy::write(rig.hwmon() / "fan1_max", "65535\n");
  RigCopy::write(rig.hwmon() / "pwm1_max", "65535\n");
  RigCopy::write(rig.hwmon() / "temp3_input", "65535000\n");
  RigCopy::write(rig.hwmon() / "freq1_input", "65535000000\n");
  RigCopy::write(rig.gpu() / "pp_dpm_sclk", "0: 500Mhz \n1: 65535Mhz *\n2: 2475Mhz \n");
  RigCopy::write(rig.gpu() / "pcie_replay_count", "4294967295\n");
  const auto reading = read(rig);
  CHECK(reading.problems.empty());
  CHECK_FALSE(reading.fan_rpm);
  CHECK_FALSE(reading.fan_max_rpm);
  CHECK_FALSE(reading.fan_ratio);
  CHECK_FALSE(reading.temperature_celsius.contains("memory"));
  CHECK_FALSE(reading.clock_hertz.contains("sclk"));
  CHECK(reading.clock_max_hertz.at("sclk") == 2475e6);
  CHECK(reading.pcie_errors.empty());
}
