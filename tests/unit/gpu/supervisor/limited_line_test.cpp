#include "gpu/supervisor/limited_line.h"

#include "gpu/gpu_limits.h"
#include "support/catch.h"

using namespace rig;

namespace {

GpuReading limited(const GpuReading& reading) {
  return std::get<GpuReading>(limited_line(reading));
}

}  // namespace

TEST_CASE("A usual reading is not changed") {
  GpuReading reading;
  reading.pci_address = "0000:03:00.0";
  reading.performance_level = "auto";
  reading.temperature_celsius = {{"edge", 50}};
  reading.temperature_limit_celsius = {{"edge", {{"critical", 100}}}};
  reading.firmware = {{"smc", "0x1"}};
  reading.problems = {Problem::timed_out("/x")};
  CHECK(limited(reading) == reading);
}

TEST_CASE("Of a reading with very many values, the others are left out and a problem says so") {
  GpuReading reading;
  reading.pci_address = "0000:03:00.0";
  for (int i = 0; i < 1000; ++i) {
    const auto key = std::to_string(i);
    reading.temperature_celsius[key] = i;
    reading.ecc_errors[key] = {{"correctable", 1}, {"uncorrectable", 0}};
    reading.firmware[key] = "0x1";
  }
  const auto result = limited(reading);
  CHECK(result.temperature_celsius.size() == 1000);
  CHECK(result.ecc_errors.size() == 12);
  CHECK(result.firmware.empty());
  REQUIRE(result.problems.size() == 1);
  CHECK(
      to_string(result.problems[0]) ==
      "rig_gpu_probe: reports more than 1024 values of GPU 0000:03:00.0; the others are left out");
}

TEST_CASE("Huge texts of a reading are shortened, and values with huge keys are left out") {
  const std::string huge(100'000, 'x');
  GpuReading reading;
  reading.pci_address = "0000:03:00.0";
  reading.identity.name = reading.performance_level.emplace(huge);
  reading.firmware = {{"smc", huge}};
  reading.temperature_celsius = {{huge, 50}, {"edge", 40}};
  reading.problems = {{Reason::failed, huge, huge}};
  const auto result = limited(reading);
  CHECK(result.identity.name.size() == kMaxTextSize);
  CHECK(result.performance_level->size() == kMaxTextSize);
  CHECK(result.firmware.at("smc").size() == kMaxTextSize);
  CHECK(result.temperature_celsius == LabeledNumbers{{"edge", 40}});
  CHECK(to_string(result.problems.at(0)).size() < 700);
}

TEST_CASE("Of many problems of a reading, the others are counted") {
  GpuReading reading;
  for (int i = 0; i < 100; ++i) reading.problems.push_back(Problem::timed_out("/x"));
  const auto result = limited(reading);
  REQUIRE(result.problems.size() == kMaxProblemsPerReading + 1);
  CHECK(to_string(result.problems.back()) ==
        "rig_gpu_probe: more problems of this GPU are left out");
}

TEST_CASE("Processes and the texts of a report are limited") {
  GpuProcesses processes;
  for (int i = 0; i < 5000; ++i) {
    GpuProcess process;
    process.pci_address = "0000:03:00.0";
    process.command = std::string(10'000, 'x');
    processes.processes.push_back(process);
    processes.counts[std::to_string(i)] = 1;
  }
  const auto result = std::get<GpuProcesses>(limited_line(processes));
  CHECK(result.processes.size() == kMaxProcesses);
  CHECK(result.counts.size() == kMaxGpus);
  CHECK(result.processes.at(0).command.size() == kMaxTextSize);
  ProbeReport report;
  report.reason = std::string(10'000, 'x');
  CHECK(std::get<ProbeReport>(limited_line(report)).reason.size() == kMaxTextSize);
}
