#include "host/cpu_temperature.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "rig/kernel/best_effort_reader.h"

namespace rig {
namespace {

constexpr auto kDrivers = std::to_array<std::string_view>({"coretemp", "k10temp", "zenpower"});

// Absent if the sensor has no value at the moment.
ReadResult<double> read_celsius(const std::filesystem::path& file) {
  const auto millidegrees = read_number<int>(file);
  if (const Problem* const problem = millidegrees.problem()) {
    const bool no_value = problem->reason == Reason::busy || problem->reason == Reason::unsupported;
    return no_value ? ReadResult<double>() : *problem;
  }
  if (!millidegrees) return std::nullopt;
  const double celsius = *millidegrees / 1000.0;
  if (celsius < -40 || celsius > 150)
    return Problem{Reason::implausible, file.string(),
                   "implausible temperature: " + std::to_string(*millidegrees)};
  return celsius;
}

std::string chip_name(BestEffortReader& reader, const std::filesystem::path& chip) {
  if (auto device = link_target_name(chip / "device")) return *std::move(device);
  return reader.text(chip / "name").value_or("");
}

}  // namespace

ReadResult<std::vector<std::filesystem::path>> find_cpu_chips(const std::filesystem::path& sys) {
  const auto directory = sys / "class/hwmon";
  const auto names = list_names(directory);
  if (names.problem() != nullptr) return *names.problem();
  std::vector<std::filesystem::path> chips;
  for (const std::string& name : names.value_or({})) {
    const auto driver = read_trimmed(directory / name / "name");
    if (driver && std::ranges::count(kDrivers, *driver) != 0) chips.push_back(directory / name);
  }
  return chips;
}

CpuTemperatures read_cpu_temperatures(const std::filesystem::path& chip) {
  constexpr std::string_view kInput = "_input";
  BestEffortReader reader;
  CpuTemperatures found;
  const std::string name = chip_name(reader, chip);
  for (const std::string& file : reader.names(chip)) {
    if (!file.starts_with("temp") || !file.ends_with(kInput)) continue;
    const auto celsius = reader.value(read_celsius(chip / file));
    if (!celsius) continue;
    const std::string sensor = file.substr(0, file.size() - kInput.size());
    found.sensors.push_back(
        {name, reader.text(chip / (sensor + "_label")).value_or(sensor), *celsius});
  }
  found.problems = reader.take_problems();
  return found;
}

}  // namespace rig
