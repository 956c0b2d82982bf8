#include "host/cpu_frequency.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "host/cpu_list.h"
#include "host/cpuinfo.h"
#include "rig/kernel/best_effort_reader.h"

namespace rig {

// Absent if the driver does not know it or this machine does not provide it.
std::optional<double> CpuFrequencyReader::read_hertz(BestEffortReader& reader,
                                                     const std::string& file) const {
  auto result = files_->check(file, read_attribute(file));
  // The CPU went offline after the list of CPUs was read.
  if (result.problem() && result.problem()->reason == Reason::busy) return std::nullopt;
  const auto text = reader.value(std::move(result));
  if (!text || trim(*text).empty() || trim(*text) == "<unknown>") return std::nullopt;
  const auto kilohertz = is_truncated(*text) ? std::nullopt : parse_number<unsigned>(*text);
  if (!kilohertz)
    reader.add_problem(is_truncated(*text) ? Problem::truncated(file)
                                           : Problem::malformed(file, trim(*text)));
  if (!kilohertz || *kilohertz == 0) return std::nullopt;
  return *kilohertz * 1000.0;
}

// Everything that the policies and their limits depend on.
std::string CpuFrequencyReader::read_policies_key(BestEffortReader& reader) const {
  const std::string cpus = roots_.sys.native() + "/devices/system/cpu";
  std::string key;
  // One that cannot be read is no problem: no_turbo is busy while intel_pstate is off.
  for (const char* file : {"online", "cpufreq/boost", "intel_pstate/no_turbo",
                           "intel_pstate/status", "amd_pstate/status"})
    key += read_trimmed(cpus + "/" + file).value_or("") + "\n";
  for (const std::string& name : reader.names(cpus + "/cpufreq")) key += name + "\n";
  return key;
}

void CpuFrequencyReader::read_policies(BestEffortReader& reader) {
  const std::string directory = roots_.sys.native() + "/devices/system/cpu";
  const auto online = reader.value(read_cpu_list(directory + "/online"));
  const std::string key = read_policies_key(reader);
  // Before Linux 4.3 every CPU has its own directory, and a driver that was loaded later is not in
  // the key.
  const std::size_t cpus = online ? online->size() : 0;
  if (key == policies_key_ && cpus_with_policy_ == cpus) return;
  policies_.clear();
  cpus_with_policy_ = 0;
  for (const unsigned cpu : online.value_or(std::vector<unsigned>{})) {
    std::string path = directory + "/cpu" + std::to_string(cpu) + "/cpufreq";
    if (std::error_code error; !std::filesystem::exists(path, error)) continue;
    if (const auto name = link_target_name(path)) path = directory + "/cpufreq/" + *name;
    auto policy = std::ranges::find(policies_, path, &Policy::directory);
    if (policy == policies_.end()) {
      policies_.push_back({path, {}, std::nullopt, std::nullopt});
      policy = std::prev(policies_.end());
    }
    policy->cpus.push_back(cpu);
    ++cpus_with_policy_;
  }
  online_ = online.value_or(std::vector<unsigned>{});
  policies_key_ = reader.has_problems() ? "" : key;
}

CpuFrequencies CpuFrequencyReader::read() {
  BestEffortReader reader;
  read_policies(reader);
  std::map<unsigned, CpuFrequency> by_cpu;
  std::set<unsigned> failed;
  for (const unsigned cpu : online_) by_cpu[cpu].cpu = cpu;
  for (Policy& policy : policies_) {
    // A limit that could not be read is not cached.
    if (!policy.min_hertz)
      policy.min_hertz = read_hertz(reader, policy.directory + "/cpuinfo_min_freq");
    if (!policy.max_hertz)
      policy.max_hertz = read_hertz(reader, policy.directory + "/cpuinfo_max_freq");
    BestEffortReader own;
    const auto current = read_hertz(own, policy.directory + "/scaling_cur_freq");
    // cpuinfo does not replace a frequency whose driver has failed.
    if (own.has_problems()) failed.insert(policy.cpus.begin(), policy.cpus.end());
    for (Problem& problem : own.take_problems()) reader.add_problem(std::move(problem));
    for (const unsigned cpu : policy.cpus)
      by_cpu[cpu] = {cpu, current, policy.min_hertz, policy.max_hertz};
  }
  const bool complete = !by_cpu.empty() && std::ranges::all_of(by_cpu, [&](const auto& entry) {
    return entry.second.current_hertz.has_value() || failed.contains(entry.first);
  });
  if (!complete) add_cpuinfo(reader, failed, by_cpu);
  CpuFrequencies found;
  for (const auto& [cpu, frequency] : by_cpu) {
    if (frequency.current_hertz || frequency.min_hertz || frequency.max_hertz)
      found.cpus.push_back(frequency);
  }
  found.problems = reader.take_problems();
  return found;
}

// The flags at the beginning decide whether to read the rest, for which the kernel has to query
// every CPU. The CPU collector reports it if cpuinfo cannot be read.
void CpuFrequencyReader::add_cpuinfo(BestEffortReader& reader, const std::set<unsigned>& failed,
                                     std::map<unsigned, CpuFrequency>& by_cpu) const {
  const auto path = roots_.proc / "cpuinfo";
  const auto first_cpu = read_text(path, kFirstCpuBytes);
  if (!first_cpu || !measures_frequency(*first_cpu)) return;
  const bool online_known = !online_.empty();
  const std::string text = read_text(path).value_or(std::string());
  if (is_truncated(text) && text.size() >= kFirstCpuBytes)
    reader.add_problem(Problem::truncated(path));
  for (const auto& [cpu, hertz] : parse_cpu_hertz(text)) {
    if (failed.contains(cpu) || (online_known && !by_cpu.contains(cpu))) continue;
    CpuFrequency& frequency = by_cpu[cpu];
    frequency.cpu = cpu;
    if (!frequency.current_hertz) frequency.current_hertz = hertz;
  }
}

}  // namespace rig
