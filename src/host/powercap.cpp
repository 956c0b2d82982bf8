#include "host/powercap.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr double kMicrojoulesPerJoule = 1e6;

std::optional<std::uint64_t> read_microjoules(const std::filesystem::path& path) {
  std::optional<std::string> text;
  try {
    text = read_line(path);
  } catch (const ReadError& error) {
    if (error.error_number() == EACCES || error.error_number() == EPERM) return std::nullopt;
    throw;
  }
  if (!text) return std::nullopt;
  const auto microjoules = parse_number<std::uint64_t>(*text);
  if (!microjoules) throw ReadError(path, "no number: " + *text);
  return microjoules;
}

// The name of "intel-rapl:0:1" is prefixed with the name of its parent, "intel-rapl:0".
std::string zone_name(const std::filesystem::path& powercap, const std::string& directory) {
  std::string name = read_line(powercap / directory / "name").value_or(directory);
  const auto parent_end = directory.rfind(':');
  if (directory.find(':') == parent_end) return name;
  return zone_name(powercap, directory.substr(0, parent_end)) + "/" + name;
}

}  // namespace

EnergyZones read_energy_zones(const std::filesystem::path& sys) {
  EnergyZones found;
  found.read_at = std::chrono::steady_clock::now();
  const auto powercap = sys / "class/powercap";
  for (const std::string& directory : list_directory(powercap)) {
    if (!directory.starts_with("intel-rapl:")) continue;
    try {
      const auto microjoules = read_microjoules(powercap / directory / "energy_uj");
      if (!microjoules) continue;
      found.zones.push_back({zone_name(powercap, directory), *microjoules,
                             read_microjoules(powercap / directory / "max_energy_range_uj")});
    } catch (const ReadError& error) {
      found.problems.emplace_back(error.what());
    }
  }
  return found;
}

double EnergyTotals::wrapped_joules(const Counter& before, const EnergyZones::Zone& zone,
                                    Time now) {
  constexpr double kMaxWatts = 2000;
  if (zone.microjoules >= before.microjoules) return before.wrapped_joules;
  const double range =
      static_cast<double>(zone.range_microjoules.value_or(0)) / kMicrojoulesPerJoule;
  const double since = range + static_cast<double>(zone.microjoules) / kMicrojoulesPerJoule -
                       static_cast<double>(before.microjoules) / kMicrojoulesPerJoule;
  const double seconds = std::chrono::duration<double>(now - before.at).count();
  const bool wrapped = since >= 0 && since <= kMaxWatts * seconds;
  return wrapped ? before.wrapped_joules + range : 0;
}

std::map<std::string, double> EnergyTotals::update(const std::vector<EnergyZones::Zone>& zones,
                                                   Time now) {
  std::map<std::string, double> joules;
  for (const auto& zone : zones) {
    const auto before = counters_.find(zone.name);
    const double wrapped =
        before == counters_.end() ? 0 : wrapped_joules(before->second, zone, now);
    counters_[zone.name] = {zone.microjoules, now, wrapped};
    joules[zone.name] = wrapped + static_cast<double>(zone.microjoules) / kMicrojoulesPerJoule;
  }
  return joules;
}

}  // namespace rig
