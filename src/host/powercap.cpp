#include "host/powercap.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "rig/kernel/best_effort_reader.h"

namespace rig {
namespace {

constexpr double kMicrojoulesPerJoule = 1e6;

// The name of "intel-rapl:0:1" is prefixed with the name of its parent, "intel-rapl:0". A problem
// if one of them cannot be read: a series must not appear under another label for one scrape.
ReadResult<std::string> zone_name(const std::filesystem::path& powercap, const std::string& zone) {
  auto text = read_name(powercap / zone / "name");
  if (text.problem() != nullptr) return text;
  const std::string name = text.value_or(zone);
  const auto parent_end = zone.rfind(':');
  if (zone.find(':') == parent_end) return name;
  auto parent = zone_name(powercap, zone.substr(0, parent_end));
  if (!parent) return parent;
  return *parent + "/" + name;
}

}  // namespace

ReadResult<std::uint64_t> EnergyZoneReader::read_microjoules(const std::string& file) const {
  return files_->check(file, read_number<std::uint64_t>(file), ReadableFiles::Permission::optional);
}

// Whether a zone with a smaller number has the same name. Names of zones that cannot be read at the
// moment are the last ones known.
bool EnergyZoneReader::is_repeated(const std::string& zone, const std::string& name) const {
  return std::ranges::any_of(
      names_, [&](const auto& known) { return known.first < zone && known.second == name; });
}

EnergyZones EnergyZoneReader::read() {
  BestEffortReader reader;
  EnergyZones found;
  found.read_at = std::chrono::steady_clock::now();
  for (const std::string& zone : reader.names(powercap_)) {
    if (!zone.starts_with("intel-rapl:")) continue;
    const auto named = zone_name(powercap_, zone);
    if (named) names_[zone] = *named;
    const auto microjoules = reader.value(read_microjoules(powercap_ / zone / "energy_uj"));
    if (!microjoules) continue;
    const auto range = read_microjoules(powercap_ / zone / "max_energy_range_uj");
    const auto range_value = reader.value(range);
    const auto name = reader.value(named);
    // Without its range a wrap of the counter would be taken for a reset.
    if (range.problem() != nullptr || !name) continue;
    if (*microjoules > range_value.value_or(std::numeric_limits<std::uint64_t>::max() - 1)) {
      reader.add_problem({Reason::implausible, (powercap_ / zone / "energy_uj").string(),
                          "implausible: " + std::to_string(*microjoules)});
      continue;
    }
    found.zones.push_back(
        {is_repeated(zone, *name) ? *name + " (" + zone + ")" : *name, *microjoules, range_value});
  }
  found.problems = reader.take_problems();
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
