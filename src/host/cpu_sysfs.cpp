#include "host/cpu_sysfs.h"

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

// No kernel can be built for more than a fraction of this.
constexpr unsigned kMostCpus = 1U << 16U;

// Reads files below /sys/devices/system/cpu, and keeps in mind which could not be read.
class CpuFolder {
 public:
  explicit CpuFolder(const std::filesystem::path& sys) : path_(sys / "devices/system/cpu") {}

  std::optional<std::vector<unsigned>> online() { return list(path_ / "online"); }

  std::optional<std::vector<unsigned>> siblings(unsigned cpu, const char* file) {
    return list(of(cpu) / "topology" / file);
  }

  std::optional<std::uint64_t> throttles(unsigned cpu, const char* file) {
    const auto path = of(cpu) / "thermal_throttle" / file;
    const auto text = read(path);
    if (!text) return std::nullopt;
    const auto count = parse_number<std::uint64_t>(*text);
    if (!count) problems_.push_back(path.string() + ": no number: " + *text);
    return count;
  }

  // The first of each group that the CPUs fall into, when topology/`file` lists each one's group.
  std::optional<std::vector<unsigned>> first_of_groups(const std::vector<unsigned>& cpus,
                                                       const char* file) {
    std::vector<bool> counted(kMostCpus);
    std::vector<unsigned> firsts;
    for (const unsigned cpu : cpus) {
      if (counted[cpu]) continue;
      const auto group = siblings(cpu, file);
      if (!group) return std::nullopt;
      for (const unsigned sibling : *group) counted[sibling] = true;
      firsts.push_back(cpu);
    }
    return firsts;
  }

  const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::filesystem::path of(unsigned cpu) const { return path_ / ("cpu" + std::to_string(cpu)); }

  std::optional<std::string> read(const std::filesystem::path& path) {
    FileText file = try_read_file(path);
    if (!file.problem.empty()) problems_.push_back(std::move(file.problem));
    if (!file.text) return std::nullopt;
    return std::string(trim(*file.text));
  }

  std::optional<std::vector<unsigned>> list(const std::filesystem::path& path) {
    const auto text = read(path);
    if (!text) return std::nullopt;
    auto cpus = parse_cpu_list(*text);
    if (!cpus) problems_.push_back(path.string() + ": no list of CPUs: " + *text);
    return cpus;
  }

  const std::filesystem::path path_;
  std::vector<std::string> problems_;
};

}  // namespace

std::optional<std::vector<unsigned>> parse_cpu_list(std::string_view text) {
  std::vector<unsigned> cpus;
  text = trim(text);
  while (!text.empty()) {
    const Split item = split_at(text, ',');
    const Split range = split_at(item.before, '-');
    const bool is_range = item.before.find('-') != std::string_view::npos;
    const auto first = parse_number<unsigned>(range.before);
    const auto last = is_range ? parse_number<unsigned>(range.after) : first;
    if (!first || !last || *first > *last || *last >= kMostCpus) return std::nullopt;
    for (unsigned cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
    text = item.after;
  }
  return cpus;
}

CpuTopology read_cpu_topology(const std::filesystem::path& sys) {
  CpuFolder folder(sys);
  CpuTopology topology;
  if (const auto online = folder.online()) {
    const auto sockets = folder.first_of_groups(*online, "core_siblings_list");
    const auto cores = folder.first_of_groups(*online, "thread_siblings_list");
    if (sockets) topology.sockets = sockets->size();
    if (cores) topology.cores = cores->size();
    topology.threads = online->size();
    topology.online = *online;
    topology.first_of_sockets = sockets.value_or(std::vector<unsigned>{});
  }
  topology.problems = folder.problems();
  return topology;
}

CpuThrottles read_cpu_throttles(const std::filesystem::path& sys, const std::vector<unsigned>& cpus,
                                const std::vector<unsigned>& first_of_sockets) {
  CpuFolder folder(sys);
  CpuThrottles found;
  for (const unsigned cpu : first_of_sockets) {
    const auto package = folder.throttles(cpu, "package_throttle_count");
    found.counts.push_back({.cpu = cpu, .core = std::nullopt, .package = package});
  }
  for (const unsigned cpu : cpus) {
    const std::size_t problems = folder.problems().size();
    const auto core = folder.throttles(cpu, "core_throttle_count");
    if (!core && folder.problems().size() == problems) {
      if (cpu == cpus.front()) break;  // no CPU of this kind counts them
      continue;                        // it has just gone offline
    }
    found.counts.push_back({.cpu = cpu, .core = core, .package = std::nullopt});
  }
  found.problems = folder.problems();
  return found;
}

}  // namespace rig
