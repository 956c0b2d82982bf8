#include "rig/cpu_sysfs.h"

#include "rig/kernel_file.h"
#include "rig/kernel_text.h"

namespace rig {
namespace {

// No kernel can be built for more than a fraction of this.
constexpr unsigned kMostCpus = 1U << 16U;

std::filesystem::path cpus_folder(const std::filesystem::path& sys) {
  return sys / "devices/system/cpu";
}

std::filesystem::path cpu_folder(const std::filesystem::path& sys, unsigned cpu) {
  return cpus_folder(sys) / ("cpu" + std::to_string(cpu));
}

std::optional<std::vector<unsigned>> read_cpu_list(const std::filesystem::path& path) {
  const auto text = read_line(path);
  if (!text) return std::nullopt;
  auto list = parse_cpu_list(*text);
  if (!list) throw ReadError(path, "no list of CPUs: " + *text);
  return list;
}

// How many groups the CPUs fall into, when topology/`file` lists each one's group.
std::optional<std::size_t> count_groups(const std::filesystem::path& sys,
                                        const std::vector<unsigned>& cpus, const char* file) {
  std::vector<bool> counted(kMostCpus);
  std::size_t groups = 0;
  for (const unsigned cpu : cpus) {
    if (counted[cpu]) continue;
    const auto group = read_cpu_list(cpu_folder(sys, cpu) / "topology" / file);
    if (!group) return std::nullopt;
    for (const unsigned sibling : *group) counted[sibling] = true;
    ++groups;
  }
  return groups;
}

}  // namespace

std::optional<std::vector<unsigned>> parse_cpu_list(std::string_view text) {
  std::vector<unsigned> cpus;
  text = trim(text);
  while (!text.empty()) {
    const Split item = split_at(text, ',');
    const Split range = split_at(item.before, '-');
    const bool is_range = item.before.find('-') != item.before.npos;
    const auto first = parse_number<unsigned>(range.before);
    const auto last = is_range ? parse_number<unsigned>(range.after) : first;
    if (!first || !last || *first > *last || *last >= kMostCpus) return std::nullopt;
    for (unsigned cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
    text = item.after;
  }
  return cpus;
}

CpuTopology read_cpu_topology(const std::filesystem::path& sys) {
  const auto online = read_cpu_list(cpus_folder(sys) / "online");
  if (!online) return {};
  return {.sockets = count_groups(sys, *online, "core_siblings_list"),
          .cores = count_groups(sys, *online, "thread_siblings_list"),
          .threads = online->size()};
}

CpuFrequencies read_cpu_frequencies(const std::filesystem::path& sys) {
  CpuFrequencies found;
  const auto hertz = [&](const std::filesystem::path& path) -> std::optional<double> {
    FileText file = try_read_file(path);
    if (!file.problem.empty()) found.problems.push_back(std::move(file.problem));
    if (!file.text || trim(*file.text) == "<unknown>") return std::nullopt;
    const auto kilohertz = parse_number<unsigned>(*file.text);
    if (!kilohertz) found.problems.push_back(path.string() + ": no frequency: " + *file.text);
    if (!kilohertz || *kilohertz == 0) return std::nullopt;
    return *kilohertz * 1000.0;
  };
  const auto online = read_cpu_list(cpus_folder(sys) / "online");
  if (!online) return found;
  for (const unsigned cpu : *online) {
    const auto folder = cpu_folder(sys, cpu) / "cpufreq";
    found.cpus.push_back({.cpu = cpu,
                          .current_hertz = hertz(folder / "scaling_cur_freq"),
                          .min_hertz = hertz(folder / "cpuinfo_min_freq"),
                          .max_hertz = hertz(folder / "cpuinfo_max_freq")});
  }
  return found;
}

}  // namespace rig
