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

// The content of the file, or `fallback` without the file. std::nullopt, and a problem, if it
// cannot be read: a series must not appear under another label for one scrape.
std::optional<std::string> label_or(BestEffortReader& reader, const std::filesystem::path& file,
                                    const std::string& fallback) {
  const auto text = read_trimmed(file);
  reader.value(text);
  if (text.problem() != nullptr) return std::nullopt;
  return text.value_or(fallback);
}

std::optional<std::string> chip_name(BestEffortReader& reader, const std::filesystem::path& chip) {
  if (auto device = link_target_name(chip / "device")) return device;
  return label_or(reader, chip / "name", "");
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
  const auto name = chip_name(reader, chip);
  for (const std::string& file : name ? reader.names(chip) : std::vector<std::string>()) {
    if (!file.starts_with("temp") || !file.ends_with(kInput)) continue;
    const auto celsius = reader.value(read_celsius(chip / file));
    if (!celsius) continue;
    const std::string sensor = file.substr(0, file.size() - kInput.size());
    const auto label = label_or(reader, chip / (sensor + "_label"), sensor);
    if (label) found.sensors.push_back({*name, *label, *celsius});
  }
  found.problems = reader.take_problems();
  return found;
}

}  // namespace rig
