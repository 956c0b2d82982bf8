#include "host/cpu_temperature.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr auto kDrivers = std::to_array<std::string_view>({"coretemp", "k10temp", "zenpower"});

std::optional<std::string> read_value(const std::filesystem::path& path) {
  try {
    return read_line(path);
  } catch (const ReadError& error) {
    if (error.error_number() == EAGAIN || error.error_number() == ENODATA) return std::nullopt;
    throw;
  }
}

std::optional<double> parse_celsius(std::string_view text) {
  const auto thousandths = parse_number<int>(text);
  if (!thousandths) return std::nullopt;
  const double celsius = *thousandths / 1000.0;
  return celsius >= -40 && celsius <= 150 ? std::optional(celsius) : std::nullopt;
}

std::string chip_name(const std::filesystem::path& chip) {
  auto name = link_target_name(chip / "device");
  if (!name) name = read_line(chip / "name");
  return name.value_or("");
}

void read_sensor(CpuTemperatures& found, const std::filesystem::path& folder,
                 const std::string& chip, const std::string& sensor) {
  const auto path = folder / (sensor + "_input");
  const auto text = read_value(path);
  if (!text) return;
  const auto celsius = parse_celsius(*text);
  if (!celsius) {
    found.problems.push_back(path.string() + ": no plausible temperature: " + *text);
    return;
  }
  found.sensors.push_back(
      {chip, read_line(folder / (sensor + "_label")).value_or(sensor), *celsius});
}

}  // namespace

std::vector<std::filesystem::path> find_cpu_chips(const std::filesystem::path& sys) {
  std::vector<std::filesystem::path> chips;
  for (const std::string& name : list_directory(sys / "class/hwmon")) {
    const auto chip = sys / "class/hwmon" / name;
    const auto driver = try_read_file(chip / "name").text;
    if (driver && std::ranges::count(kDrivers, trim(*driver)) != 0) chips.push_back(chip);
  }
  return chips;
}

CpuTemperatures read_cpu_temperatures(const std::filesystem::path& chip) {
  CpuTemperatures found;
  const std::string name = chip_name(chip);
  constexpr std::string_view kInput = "_input";
  for (const std::string& file : list_directory(chip)) {
    if (!file.starts_with("temp") || !file.ends_with(kInput)) continue;
    try {
      read_sensor(found, chip, name, file.substr(0, file.size() - kInput.size()));
    } catch (const ReadError& error) {
      found.problems.emplace_back(error.what());
    }
  }
  return found;
}

}  // namespace rig
