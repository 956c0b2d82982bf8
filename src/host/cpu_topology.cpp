#include "host/cpu_topology.h"

#include <string>

#include "host/cpu_list.h"
#include "rig/kernel/best_effort_reader.h"

namespace rig {
namespace {

// The first CPU of each group, where topology/`file` of each CPU lists its group.
std::optional<std::vector<unsigned>> first_of_groups(BestEffortReader& reader,
                                                     const std::filesystem::path& directory,
                                                     const std::vector<unsigned>& cpus,
                                                     const char* file) {
  std::vector<bool> counted(kMaxCpus);
  std::vector<unsigned> firsts;
  for (const unsigned cpu : cpus) {
    if (counted[cpu]) continue;
    const auto group =
        reader.value(read_cpu_list(directory / ("cpu" + std::to_string(cpu)) / "topology" / file));
    if (!group) return std::nullopt;
    for (const unsigned sibling : *group) counted[sibling] = true;
    firsts.push_back(cpu);
  }
  return firsts;
}

}  // namespace

CpuTopology read_cpu_topology(const std::filesystem::path& sys) {
  const auto directory = sys / "devices/system/cpu";
  BestEffortReader reader;
  CpuTopology topology;
  if (const auto online = reader.value(read_cpu_list(directory / "online"))) {
    const auto sockets = first_of_groups(reader, directory, *online, "core_siblings_list");
    const auto cores = first_of_groups(reader, directory, *online, "thread_siblings_list");
    if (sockets) topology.sockets = sockets->size();
    if (cores) topology.cores = cores->size();
    topology.threads = online->size();
    topology.online = *online;
    topology.first_of_sockets = sockets.value_or(std::vector<unsigned>());
  }
  topology.problems = reader.take_problems();
  return topology;
}

CpuTopology CpuTopologyReader::read() {
  const std::lock_guard lock(mutex_);
  const auto online = read_attribute(sys_ / "devices/system/cpu/online").value_or(std::string());
  const bool complete = topology_.problems.empty() && topology_.sockets && topology_.cores;
  if (!complete || online != online_) topology_ = read_cpu_topology(sys_);
  online_ = online;
  return topology_;
}

}  // namespace rig
