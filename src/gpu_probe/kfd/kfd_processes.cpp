#include "gpu_probe/kfd/kfd_processes.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "gpu_probe/kfd/kfd_scan.h"
#include "rig/metrics/plausible.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr double kMicrosecondsPerSecond = 1e6;
constexpr double kMillisecondsPerSecond = 1e3;
constexpr Range kPlausibleMicroseconds{0, 1e18};
// Drivers report an unknown number as -1 or 0xFFFFFFFF.
constexpr Range kPlausibleComputeUnits{0, 100'000};

// The sum of all values. Unknown if there are none, or if one of them could not be read.
class Sum {
 public:
  void add(const ReadResult<double>& number) {
    if (number.problem() != nullptr) complete_ = false;
    if (!number) return;
    present_ = true;
    total_ += *number;
  }
  bool complete() const { return complete_; }
  std::optional<double> total() const {
    return present_ && complete_ ? std::optional(total_) : std::nullopt;
  }

 private:
  bool present_ = false;
  bool complete_ = true;
  double total_ = 0;
};

// What one process uses of one GPU.
struct GpuUsage {
  std::vector<ContextUsage> contexts;
  Sum memory;
  bool has_queue = false;

  bool in_use() const { return has_queue || !memory.complete() || memory.total().value_or(0) > 0; }
};
using UsageKey = std::pair<std::uint32_t, std::string>;  // PID, PCI address
using Usages = std::map<UsageKey, GpuUsage>;

std::set<std::uint32_t> gpu_ids(const std::vector<ContextUsage>& contexts) {
  std::set<std::uint32_t> ids;
  for (const auto& context : contexts) ids.insert(context.gpu_id);
  return ids;
}

Usages usages_by_gpu(const std::vector<ContextUsage>& contexts,
                     const KfdTopology::Addresses& addresses) {
  Usages usages;
  for (const auto& context : contexts) {
    const auto address = addresses.find(context.gpu_id);
    if (address == addresses.end()) continue;
    GpuUsage& usage = usages[{context.pid, address->second}];
    usage.contexts.push_back(context);
    usage.memory.add(context.memory);
    usage.has_queue = usage.has_queue || context.has_queue;
  }
  std::erase_if(usages, [](const auto& entry) { return !entry.second.in_use(); });
  return usages;
}

std::map<std::string, double> count_processes(const Usages& usages,
                                              const KfdTopology::Addresses& addresses) {
  std::map<std::string, double> counts;
  for (const auto& [id, address] : addresses) counts[address] = 0;
  for (const auto& [key, usage] : usages) {
    if (usage.memory.total().value_or(0) > 0) counts[key.second] += 1;
  }
  for (const auto& [key, usage] : usages) {
    if (!usage.memory.complete()) counts.erase(key.second);
  }
  return counts;
}

std::vector<UsageKey> largest(const Usages& usages, std::size_t limit) {
  std::vector<UsageKey> keys;  // initially in the order of ties
  for (const auto& [key, usage] : usages) keys.push_back(key);
  std::stable_sort(keys.begin(), keys.end(), [&](const UsageKey& a, const UsageKey& b) {
    return usages.at(a).memory.total() > usages.at(b).memory.total();  // unknown is the smallest
  });
  keys.resize(std::min(limit, keys.size()));
  return keys;
}

// The sum of the numbers in DIRECTORY + GPU ID [/ FILE] of each context.
std::optional<double> sum_of_contexts(const GpuUsage& usage, const char* directory,
                                      const char* file, const Range& plausible) {
  Sum sum;
  for (const auto& context : usage.contexts) {
    std::string path = context.context + "/" + directory + std::to_string(context.gpu_id);
    if (*file != '\0') path.append("/").append(file);
    sum.add(read_kfd_number(path, plausible));
  }
  return sum.total();
}

std::optional<double> divided(std::optional<double> number, double divisor) {
  return number ? std::optional(*number / divisor) : std::nullopt;
}

GpuProcess read_usage(const UsageKey& key, const GpuUsage& usage) {
  GpuProcess process;
  process.pci_address = key.second;
  process.pid = key.first;
  process.memory_bytes = usage.memory.total();
  process.sdma_seconds =
      divided(sum_of_contexts(usage, "sdma_", "", kPlausibleMicroseconds), kMicrosecondsPerSecond);
  process.compute_units = sum_of_contexts(usage, "stats_", "cu_occupancy", kPlausibleComputeUnits);
  process.evicted_seconds =
      divided(sum_of_contexts(usage, "stats_", "evicted_ms", kAnyCount), kMillisecondsPerSecond);
  process.page_faults = sum_of_contexts(usage, "counters_", "faults", kAnyCount);
  const auto page_size = static_cast<double>(sysconf(_SC_PAGESIZE));
  for (const auto& [direction, file] : {std::pair("in", "page_in"), std::pair("out", "page_out")}) {
    if (const auto pages = sum_of_contexts(usage, "counters_", file, kAnyCount))
      process.migrated_bytes[direction] = *pages * page_size;
  }
  return process;
}

void set_name(GpuProcess& process, const ProcessName& name) {
  const ProcessOwner& owner = name.owner;
  process.command = name.command;
  process.unit = owner.unit;
  process.container = owner.container;
  process.pod = owner.pod;
  process.slurm_job = owner.slurm_job;
}

bool precedes(const GpuProcess& a, const GpuProcess& b) {
  return std::tie(a.pci_address, b.memory_bytes, a.pid) <
         std::tie(b.pci_address, a.memory_bytes, b.pid);
}

}  // namespace

KfdProcesses::KfdProcesses(const fs::path& sys, const fs::path& proc)
    : processes_(sys / "class/kfd/kfd/proc"), topology_(sys), names_(proc) {}

GpuProcesses KfdProcesses::read(std::size_t limit) {
  std::error_code ignored;
  if (!fs::is_directory(processes_, ignored)) return {};
  const KfdScan scan = scan_kfd_processes(processes_.native());
  const auto& addresses = topology_.addresses(gpu_ids(scan.contexts));
  const Usages usages = usages_by_gpu(scan.contexts, addresses);
  const auto keys = largest(usages, limit);

  std::set<std::uint32_t> pids;
  for (const auto& key : keys) pids.insert(key.first);
  const auto names = names_.read(pids);

  GpuProcesses result;
  if (scan.complete) result.counts = count_processes(usages, addresses);
  for (const auto& key : keys) {
    auto process = read_usage(key, usages.at(key));
    if (const auto name = names.find(key.first); name != names.end())
      set_name(process, name->second);
    result.processes.push_back(std::move(process));
  }
  keep_monotonic(result.processes);
  std::sort(result.processes.begin(), result.processes.end(), precedes);
  return result;
}

void KfdProcesses::keep_monotonic(std::vector<GpuProcess>& processes) {
  std::map<CounterKey, CounterTotal> totals;
  const auto keep = [&](const GpuProcess& process, const std::string& counter, double& value) {
    const CounterKey key{process.pid, process.pci_address, counter};
    const auto before = counter_totals_.find(key);
    CounterTotal total = before == counter_totals_.end() ? CounterTotal{} : before->second;
    total.ended_contexts += std::max(total.last - value, 0.0);
    total.last = value;
    value += total.ended_contexts;
    totals[key] = total;
  };
  for (auto& process : processes) {
    if (process.sdma_seconds) keep(process, "sdma", *process.sdma_seconds);
    if (process.evicted_seconds) keep(process, "evicted", *process.evicted_seconds);
    if (process.page_faults) keep(process, "faults", *process.page_faults);
    for (auto& [direction, bytes] : process.migrated_bytes) keep(process, direction, bytes);
  }
  counter_totals_ = std::move(totals);
}

}  // namespace rig
