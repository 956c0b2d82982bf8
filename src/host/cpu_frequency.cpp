#include "host/cpu_frequency.h"

#include <algorithm>
#include <utility>

#include "host/cpu_list.h"
#include "host/cpuinfo.h"
#include "rig/kernel/best_effort_reader.h"

namespace rig {
namespace {

std::optional<double> read_hertz(BestEffortReader& reader, const std::filesystem::path& file) {
  const auto text = reader.value(read_text(file));
  if (!text || trim(*text).empty() || trim(*text) == "<unknown>") return std::nullopt;
  const auto kilohertz = is_cut(*text) ? std::nullopt : parse_number<unsigned>(*text);
  if (!kilohertz)
    reader.add_problem(is_cut(*text) ? Problem::cut(file) : Problem::malformed(file, trim(*text)));
  if (!kilohertz || *kilohertz == 0) return std::nullopt;
  return *kilohertz * 1000.0;
}

// Everything that the policies and their limits depend on.
std::string read_policies_key(BestEffortReader& reader, const std::filesystem::path& cpus) {
  std::string key;
  for (const char* file : {"online", "cpufreq/boost", "intel_pstate/no_turbo",
                           "intel_pstate/status", "amd_pstate/status"})
    key += reader.text(cpus / file).value_or("") + "\n";
  for (const std::string& name : reader.names(cpus / "cpufreq")) key += name + "\n";
  return key;
}

}  // namespace

void CpuFrequencyReader::read_policies(BestEffortReader& reader) {
  const auto directory = roots_.sys / "devices/system/cpu";
  std::string key = read_policies_key(reader, directory);
  if (key == policies_key_) return;
  policies_.clear();
  const auto online = reader.value(read_cpu_list(directory / "online"));
  for (const unsigned cpu : online.value_or(std::vector<unsigned>{})) {
    auto path = directory / ("cpu" + std::to_string(cpu)) / "cpufreq";
    if (!std::filesystem::exists(path)) continue;
    if (const auto name = link_target_name(path)) path = directory / "cpufreq" / *name;
    auto policy = std::ranges::find(policies_, path, &Policy::directory);
    if (policy == policies_.end()) {
      policies_.push_back({path,
                           {},
                           read_hertz(reader, path / "cpuinfo_min_freq"),
                           read_hertz(reader, path / "cpuinfo_max_freq")});
      policy = std::prev(policies_.end());
    }
    policy->cpus.push_back(cpu);
  }
  policies_key_ = reader.has_problems() ? "" : std::move(key);
}

CpuFrequencies CpuFrequencyReader::read() {
  BestEffortReader reader;
  CpuFrequencies found;
  read_policies(reader);
  for (const Policy& policy : policies_) {
    const auto current = read_hertz(reader, policy.directory / "scaling_cur_freq");
    for (const unsigned cpu : policy.cpus)
      found.cpus.push_back({cpu, current, policy.min_hertz, policy.max_hertz});
  }
  if (policies_.empty()) read_cpuinfo(found);
  found.problems = reader.take_problems();
  return found;
}

// The flags at the beginning decide whether to read the rest, for which the kernel has to query
// every CPU. The CPU collector reports it if cpuinfo cannot be read.
void CpuFrequencyReader::read_cpuinfo(CpuFrequencies& found) const {
  const auto path = roots_.proc / "cpuinfo";
  const auto first_cpu = read_text(path, kFirstCpuBytes);
  if (!first_cpu || !measures_frequency(*first_cpu)) return;
  for (const auto& [cpu, hertz] : parse_cpu_hertz(read_text(path).value_or("")))
    found.cpus.push_back({cpu, hertz, std::nullopt, std::nullopt});
}

}  // namespace rig
