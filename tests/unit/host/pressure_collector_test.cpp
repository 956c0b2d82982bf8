#include <cerrno>

#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/collect.h"
#include "support/failing_read.h"
#include "support/problem_texts.h"
#include "support/series.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr auto kPressure =
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n"
    "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

}  // namespace

TEST_CASE("Full pressure is omitted for the CPU, and is the only one for interrupts") {
  const TemporaryDirectory machine;
  machine.write("proc/pressure/cpu", kPressure);
  machine.write("proc/pressure/io", kPressure);
  machine.write("proc/pressure/irq", "full avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\n");
  const auto samples = collect(pressure_collector(), machine);
  CHECK(samples.problems().empty());
  CHECK(series(samples) == std::map<std::string, double>{
                               {"rig_pressure_seconds_total{kind=\"some\",resource=\"cpu\"}", 2.5},
                               {"rig_pressure_seconds_total{kind=\"some\",resource=\"io\"}", 2.5},
                               {"rig_pressure_seconds_total{kind=\"full\",resource=\"io\"}", 0},
                               {"rig_pressure_seconds_total{kind=\"full\",resource=\"irq\"}", 1}});
}

TEST_CASE("A pressure file that hangs costs its own series only") {
  const TemporaryDirectory machine;
  machine.write("proc/pressure/cpu", kPressure);
  machine.write("proc/pressure/io", kPressure);
  const auto fifo = machine.make_fifo("proc/pressure/memory");
  const auto collector = make_collector(pressure_collector(), machine);
  const auto samples = collect(*collector, 1s);
  CHECK(series(samples).size() == 3);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("pressure/memory: read timed out"));
  release_fifo(fifo);
}

TEST_CASE("Pressure disabled at boot is not a problem") {
  const TemporaryDirectory machine;
  const FailingRead cpu(machine.write("proc/pressure/cpu", kPressure), EOPNOTSUPP);
  const FailingRead io(machine.write("proc/pressure/io", kPressure), EOPNOTSUPP);
  const auto samples = collect(pressure_collector(), machine);
  CHECK(samples.problems().empty());
  CHECK(series(samples).empty());
}

TEST_CASE("An unreadable or malformed pressure file affects its own resource only") {
  const TemporaryDirectory machine;
  CHECK(collect(pressure_collector(), machine).problems().empty());
  std::filesystem::create_directories(machine.path() / "proc/pressure/cpu");  // EISDIR
  machine.write("proc/pressure/io", "garbage\n");
  machine.write("proc/pressure/memory", kPressure);
  const auto samples = collect(pressure_collector(), machine);
  CHECK(samples.problems().size() == 2);
  CHECK(series(samples).size() == 2);
}

TEST_CASE("A pressure file that was truncated or is empty is a problem") {
  const TemporaryDirectory machine;
  machine.write("proc/pressure/cpu", "");
  machine.write("proc/pressure/io", "some avg10=0.00 total=2500000\nfull avg10=0.00 total=7");
  machine.write("proc/pressure/irq", "full avg10=0.00 total=1000000\n");
  machine.write("proc/pressure/memory", "some avg10=0.00 total=500000\n");
  const auto samples = collect(pressure_collector(), machine);
  CHECK(series(samples) ==
        std::map<std::string, double>{
            {"rig_pressure_seconds_total{kind=\"some\",resource=\"io\"}", 2.5},
            {"rig_pressure_seconds_total{kind=\"some\",resource=\"memory\"}", 0.5},
            {"rig_pressure_seconds_total{kind=\"full\",resource=\"irq\"}", 1}});
  REQUIRE(samples.problems().size() == 3);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("incomplete: without the lines some"));
  CHECK_THAT(texts(samples.problems())[1], ContainsSubstring("the last line has no newline"));
  CHECK_THAT(texts(samples.problems())[2], ContainsSubstring("incomplete: without the lines full"));
}

TEST_CASE("Pressure that is disabled is no problem, pressure that stops being readable is one") {
  const TemporaryDirectory machine;
  const auto file = machine.write("proc/pressure/cpu", "some avg10=0.00 total=2500000\n");
  const auto collector = make_collector(pressure_collector(), machine);
  {
    const FailingRead fails(file, EOPNOTSUPP);
    CHECK(collect(*collector).problems().empty());
  }
  CHECK(series(collect(*collector)).size() == 1);
  const FailingRead fails(file, EOPNOTSUPP);
  CHECK(collect(*collector).problems().size() == 1);
}
