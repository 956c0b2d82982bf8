#include "host/pressure.h"

#include <cerrno>

#include "rig/config/config.h"
#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/failing_read.h"
#include "support/series.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

constexpr auto kZero =
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n"
    "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

Samples collect(const TemporaryDirectory& machine) {
  Samples samples;
  pressure_collector()
      .make({machine.path() / "proc", machine.path() / "sys", machine.path()}, Config{})
      ->collect(samples, {});
  return samples;
}

}  // namespace

TEST_CASE("Pressure counts microseconds, and old kernels have no line full for the CPU") {
  const auto both = parse_pressure(kZero);
  CHECK(both.some_seconds == 2.5);
  CHECK(both.full_seconds == 0.0);
  CHECK_FALSE(parse_pressure("some avg10=0.00 total=1\n").full_seconds);
}

TEST_CASE("A pressure line that makes no sense is told, and the other stands") {
  const auto pressure = parse_pressure("some avg10=0.00\nfull total=7000000\nmost total=1\n");
  CHECK_FALSE(pressure.some_seconds);
  CHECK(pressure.full_seconds == 7.0);
  CHECK(pressure.senseless == std::vector<std::string>{"some avg10=0.00", "most total=1"});
}

TEST_CASE("The full pressure of all CPUs is undefined and not shown; of interrupts it is all") {
  const TemporaryDirectory machine;
  machine.write("proc/pressure/cpu", kZero);
  machine.write("proc/pressure/io", kZero);
  machine.write("proc/pressure/irq", "full avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\n");
  const auto samples = collect(machine);
  CHECK(samples.problems().empty());
  CHECK(series(samples) == std::map<std::string, double>{
                               {"rig_pressure_seconds_total{kind=\"some\",resource=\"cpu\"}", 2.5},
                               {"rig_pressure_seconds_total{kind=\"some\",resource=\"io\"}", 2.5},
                               {"rig_pressure_seconds_total{kind=\"full\",resource=\"io\"}", 0},
                               {"rig_pressure_seconds_total{kind=\"full\",resource=\"irq\"}", 1}});
}

TEST_CASE("A kernel that was told at boot to leave pressure off is well") {
  const TemporaryDirectory machine;
  const FailingRead cpu(machine.write("proc/pressure/cpu", kZero), EOPNOTSUPP);
  const FailingRead io(machine.write("proc/pressure/io", kZero), EOPNOTSUPP);
  const auto samples = collect(machine);
  CHECK(samples.problems().empty());
  CHECK(series(samples).empty());
}

TEST_CASE("A kernel without pressure is well, and one file that is refused costs itself") {
  const TemporaryDirectory machine;
  CHECK(collect(machine).problems().empty());
  std::filesystem::create_directories(machine.path() / "proc/pressure/cpu");  // EISDIR
  machine.write("proc/pressure/io", "garbage\n");
  machine.write("proc/pressure/memory", kZero);
  const auto samples = collect(machine);
  CHECK(samples.problems().size() == 2);
  CHECK(series(samples).size() == 2);
}
