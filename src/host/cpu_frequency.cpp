#include "host/cpu_frequency.h"

#include <algorithm>
#include <utility>

#include "host/cpu_sysfs.h"
#include "host/cpuinfo.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

using Problems = std::vector<std::string>;

std::string text_of(const std::filesystem::path& path, Problems& problems) {
  FileText file = try_read_file(path);
  if (!file.problem.empty()) problems.push_back(std::move(file.problem));
  return std::string(trim(file.text.value_or("")));
}

std::optional<double> read_hertz(const std::filesystem::path& path, Problems& problems) {
  const std::string text = text_of(path, problems);
  if (text.empty() || text == "<unknown>") return std::nullopt;
  const auto kilohertz = parse_number<unsigned>(text);
  if (!kilohertz) problems.push_back(path.string() + ": no number: " + text);
  if (!kilohertz || *kilohertz == 0) return std::nullopt;
  return *kilohertz * 1000.0;
}

// Everything that the policies and their limits depend on.
std::string read_policies_key(const std::filesystem::path& cpus, Problems& problems) {
  std::string key;
  for (const char* file : {"online", "cpufreq/boost", "intel_pstate/no_turbo",
                           "intel_pstate/status", "amd_pstate/status"})
    key += text_of(cpus / file, problems) + "\n";
  try {
    for (const std::string& name : list_directory(cpus / "cpufreq")) key += name + "\n";
  } catch (const ReadError& error) {
    problems.emplace_back(error.what());
  }
  return key;
}

}  // namespace

void CpuFrequencyReader::read_policies(Problems& problems) {
  const auto directory = roots_.sys / "devices/system/cpu";
  std::string key = read_policies_key(directory, problems);
  if (key == policies_key_) return;
  policies_.clear();
  const auto online = parse_cpu_list(lines(key).front());
  for (const unsigned cpu : online.value_or(std::vector<unsigned>{})) {
    auto path = directory / ("cpu" + std::to_string(cpu)) / "cpufreq";
    if (!std::filesystem::exists(path)) continue;
    if (const auto name = link_target_name(path)) path = directory / "cpufreq" / *name;
    auto policy = std::ranges::find(policies_, path, &Policy::directory);
    if (policy == policies_.end()) {
      policies_.push_back({path,
                           {},
                           read_hertz(path / "cpuinfo_min_freq", problems),
                           read_hertz(path / "cpuinfo_max_freq", problems)});
      policy = std::prev(policies_.end());
    }
    policy->cpus.push_back(cpu);
  }
  policies_key_ = problems.empty() ? std::move(key) : "";
}

CpuFrequencies CpuFrequencyReader::read() {
  CpuFrequencies found;
  read_policies(found.problems);
  for (const Policy& policy : policies_) {
    const auto current = read_hertz(policy.directory / "scaling_cur_freq", found.problems);
    for (const unsigned cpu : policy.cpus)
      found.cpus.push_back({cpu, current, policy.min_hertz, policy.max_hertz});
  }
  if (policies_.empty()) read_cpuinfo(found);
  return found;
}

// The flags at the beginning decide whether to read the rest, for which the kernel has to query
// every CPU. The CPU collector reports it if cpuinfo cannot be read.
void CpuFrequencyReader::read_cpuinfo(CpuFrequencies& found) const {
  const auto path = roots_.proc / "cpuinfo";
  const auto beginning = try_read_beginning(path, kFirstCpuBytes).text;
  if (!beginning || !measures_frequency(*beginning)) return;
  for (const auto& [cpu, hertz] : parse_cpu_hertz(try_read_file(path).text.value_or("")))
    found.cpus.push_back({cpu, hertz, std::nullopt, std::nullopt});
}

}  // namespace rig
