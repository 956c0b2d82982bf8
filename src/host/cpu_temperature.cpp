#include "host/cpu_temperature.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "rig/kernel/best_effort_reader.h"
#include "rig/metrics/plausible.h"

namespace rig {
namespace {

// Drivers of sensors in CPUs. fam15h_power, also in CPUs, measures no temperature.
constexpr auto kDrivers = std::to_array<std::string_view>(
    {"apm_xgene", "coretemp", "cpu_hwmon", "ibmpowernv", "k10temp", "k8temp", "scpi_sensors",
     "sfctemp", "via_cputemp", "zenpower"});
// Measures the whole machine: only the sensors whose label has this word are the CPU's.
constexpr std::string_view kMachineDriver = "ibmpowernv";
constexpr std::string_view kCoreLabel = "Core";

// Names of thermal zones in device trees and drivers, in lower case with '_' instead of '-'.
constexpr auto kZones = std::to_array<std::string_view>(
    {"armada_thermal", "bcm2835_thermal", "core_cluster", "imx_thermal_zone", "mtktscpu",
     "package_thermal", "x86_pkg_temp"});
// The last ones are of Tegra, K3, Armada 7K and 8K, and Exynos.
constexpr auto kZonePrefixes = std::to_array<std::string_view>(
    {"cpu", "soc", "cluster", "bigcore", "littlecore", "big_cluster", "little_cluster", "bcpu",
     "mcpu", "mpu", "ap_thermal_cpu", "atlas", "apollo"});
constexpr std::string_view kSocDts = "soc_dts";  // Intel Atom: soc_dts0

std::string canonical(std::string_view name) {
  std::string found(name);
  std::ranges::replace(found, '-', '_');
  std::ranges::transform(found, found.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return found;
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Absent if the sensor has no value at the moment.
ReadResult<double> read_celsius(const std::string& file, ReadableFiles& files) {
  constexpr int kInvalid = -274'000;  // THERMAL_TEMP_INVALID: a zone that was never measured
  const auto millidegrees = files.check(file, read_number<int>(file));
  if (const Problem* const problem = millidegrees.problem())
    return problem->reason == Reason::busy ? ReadResult<double>() : *problem;
  if (!millidegrees || *millidegrees == kInvalid) return std::nullopt;
  const double celsius = *millidegrees / 1000.0;
  if (!kPlausibleCelsius.contains(celsius))
    return Problem{Reason::implausible, file,
                   "implausible temperature: " + std::to_string(*millidegrees)};
  return celsius;
}

// The content of the file, or `fallback` without the file. std::nullopt, and a problem, if it
// cannot be read: a series must not appear under another label for one scrape.
std::optional<std::string> label_or(BestEffortReader& reader, const std::string& file,
                                    const std::string& fallback) {
  const auto text = read_name(file);
  reader.value(text);
  if (text.problem() != nullptr) return std::nullopt;
  return text.value_or(fallback);
}

// The device behind a chip that belongs to a thermal zone is "thermal_zoneN", whose number may
// change.
std::string chip_label(const std::string& chip, const std::string& name) {
  const auto device = link_target_name(chip + "/device");
  return device && !device->starts_with("thermal_zone") ? *device : name;
}

}  // namespace

bool is_cpu_zone(std::string_view type) {
  const std::string name = canonical(type);
  const bool has_prefix = std::ranges::any_of(
      kZonePrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
  return contains(kZones, name) || name.starts_with(kSocDts) ||
         (has_prefix && name.find("therm") != name.npos);
}

bool is_cpu_chip(std::string_view name) { return contains(kDrivers, name) || is_cpu_zone(name); }

CpuTemperatures read_cpu_temperatures(const std::string& link, ReadableFiles& files) {
  constexpr std::string_view kInput = "_input";
  const auto chip = real_path(link).value_or(link);  // so that descriptors can be kept
  BestEffortReader reader;
  CpuTemperatures found;
  const auto driver = reader.value(read_name(chip + "/name"));
  if (driver && is_cpu_chip(*driver)) found.driver = canonical(*driver);
  for (const std::string& file :
       found.driver.empty() ? std::vector<std::string>() : reader.names(chip)) {
    if (!file.starts_with("temp") || !file.ends_with(kInput)) continue;
    const std::string sensor = file.substr(0, file.size() - kInput.size());
    const auto label_file = chip + "/" + sensor + "_label";
    if (*driver == kMachineDriver &&
        read_name(label_file).value_or("").find(kCoreLabel) == std::string::npos)
      continue;
    const auto celsius = reader.value(read_celsius(chip + "/" + file, files));
    if (!celsius) continue;
    const auto label = label_or(reader, label_file, sensor);
    if (label) found.sensors.push_back({chip_label(chip, *driver), *label, *celsius});
  }
  found.problems = reader.take_problems();
  return found;
}

CpuTemperatures read_cpu_zone(const std::string& link, ReadableFiles& files) {
  const auto zone = real_path(link).value_or(link);
  BestEffortReader reader;
  CpuTemperatures found;
  found.is_zone = true;
  const auto type = reader.value(read_name(zone + "/type"));
  if (type && is_cpu_zone(*type)) {
    found.driver = canonical(*type);
    auto result = read_celsius(zone + "/temp", files);
    // The drivers of zones refuse to read a sensor that has no valid value at the moment.
    const bool no_value = result.problem() && result.problem()->reason == Reason::unsupported;
    if (const auto celsius = no_value ? std::nullopt : reader.value(std::move(result)))
      found.sensors.push_back({*type, zone.substr(zone.rfind('/') + 1), *celsius});
  }
  found.problems = reader.take_problems();
  return found;
}

bool repeats_chip(std::string_view zone_driver, const std::set<std::string>& chip_drivers) {
  return std::ranges::any_of(chip_drivers, [&](const std::string& driver) {
    return driver == zone_driver || contains(kDrivers, driver);
  });
}

}  // namespace rig
