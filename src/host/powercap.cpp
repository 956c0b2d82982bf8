#include "host/powercap.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr double kPerJoule = 1e6;

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

// "intel-rapl:0:1" is a part of "intel-rapl:0"; each has a name of its own.
std::string zone_name(const std::filesystem::path& powercap, const std::string& folder) {
  std::string name = read_line(powercap / folder / "name").value_or(folder);
  const auto parent_end = folder.rfind(':');
  if (folder.find(':') == parent_end) return name;
  return zone_name(powercap, folder.substr(0, parent_end)) + "/" + name;
}

}  // namespace

EnergyZones read_energy_zones(const std::filesystem::path& sys) {
  EnergyZones found;
  found.at = std::chrono::steady_clock::now();
  const auto powercap = sys / "class/powercap";
  for (const std::string& folder : list_directory(powercap)) {
    if (!folder.starts_with("intel-rapl:")) continue;
    try {
      const auto microjoules = read_microjoules(powercap / folder / "energy_uj");
      if (!microjoules) continue;
      found.zones.push_back({zone_name(powercap, folder), *microjoules,
                             read_microjoules(powercap / folder / "max_energy_range_uj")});
    } catch (const ReadError& error) {
      found.problems.emplace_back(error.what());
    }
  }
  return found;
}

double EnergyTotals::wrapped_joules(const Counter& before, const EnergyZones::Zone& zone,
                                    Time now) {
  constexpr double kMostWatts = 2000;
  if (zone.microjoules >= before.microjoules) return before.wrapped_joules;
  const double range = static_cast<double>(zone.range_microjoules.value_or(0)) / kPerJoule;
  const double since = range + static_cast<double>(zone.microjoules) / kPerJoule -
                       static_cast<double>(before.microjoules) / kPerJoule;
  const double seconds = std::chrono::duration<double>(now - before.at).count();
  const bool wrapped = since >= 0 && since <= kMostWatts * seconds;
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
    joules[zone.name] = wrapped + static_cast<double>(zone.microjoules) / kPerJoule;
  }
  return joules;
}

}  // namespace rig
