#include "gpu_probe/kfd/kfd_processes.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "rig/metrics/plausible.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMemoryPrefix = "vram_";
constexpr std::string_view kContextPrefix = "context_";
constexpr double kMicrosecondsPerSecond = 1e6;
constexpr Range kPlausibleMicroseconds{0, 1e18};
// Drivers report an unknown number as -1 or 0xFFFFFFFF.
constexpr Range kPlausibleComputeUnits{0, 100'000};

// Absent: there is no such file, e.g. no memory.
ReadResult<double> read_number(const fs::path& path, const Range& plausible) {
  const auto text = read_text(path);
  if (text.problem() != nullptr) return *text.problem();
  if (!text) return std::nullopt;
  const auto number = parse_number<std::uint64_t>(*text);
  if (!number || !text->ends_with('\n'))
    return  // without a newline, the number was truncated
        Problem::malformed(path, *text);
  const auto value = static_cast<double>(*number);
  if (!plausible.contains(value))
    return Problem{Reason::implausible, path.string(), "implausible value " + *text};
  return value;
}

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

// What one context uses of one partition.
struct ContextUsage {
  std::uint32_t pid = 0;
  fs::path context;  // the directory of its files
  std::uint32_t gpu_id = 0;
  ReadResult<double> memory;
  bool has_queue = false;
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

struct ScanResult {
  std::vector<ContextUsage> contexts;
  bool complete = true;  // false: the usage of a process could not be read
};

void append(ScanResult& result, std::vector<ContextUsage> contexts) {
  std::move(contexts.begin(), contexts.end(), std::back_inserter(result.contexts));
}

std::set<std::uint32_t> gpus_with_queues(const fs::path& queues) {
  std::set<std::uint32_t> ids;
  for (const auto& name : list_names(queues).value_or({})) {
    const auto text = read_text(queues / name / "gpuid");  // ends without a newline
    if (const auto id = parse_number<std::uint32_t>(text.value_or(""))) ids.insert(*id);
  }
  return ids;
}

// One entry for each GPU for which the context has a memory file or a queue.
std::vector<ContextUsage> read_context(std::uint32_t pid, const fs::path& context,
                                       const std::vector<std::string>& files) {
  const auto with_queue = gpus_with_queues(context / "queues");
  std::set<std::uint32_t> ids = with_queue;
  for (const std::string_view file : files) {
    if (!file.starts_with(kMemoryPrefix)) continue;
    if (const auto id = parse_number<std::uint32_t>(file.substr(kMemoryPrefix.size())))
      ids.insert(*id);
  }
  std::vector<ContextUsage> usages;
  for (const auto id : ids) {
    const auto memory = read_number(context / ("vram_" + std::to_string(id)), kAnyCount);
    usages.push_back({pid, context, id, memory, with_queue.contains(id)});
  }
  return usages;
}

// Kernels before 5.8 create the directory of a process without the files about its usage.
bool has_usage_files(const std::vector<std::string>& files) {
  return std::any_of(files.begin(), files.end(), [](std::string_view file) {
    return file.starts_with(kMemoryPrefix) || file == "queues";
  });
}

ScanResult scan_process(std::uint32_t pid, const fs::path& directory) {
  const auto files = list_names(directory);
  if (files.problem() != nullptr) return {{}, false};
  if (!files || files->empty()) return {};  // the process has exited
  ScanResult result{read_context(pid, directory, *files), has_usage_files(*files)};
  for (const auto& file : *files) {
    if (!file.starts_with(kContextPrefix)) continue;
    const auto context_files = list_names(directory / file);
    result.complete = result.complete && context_files.problem() == nullptr;
    if (context_files) append(result, read_context(pid, directory / file, *context_files));
  }
  return result;
}

ScanResult scan_processes(const fs::path& processes) {
  const auto names = list_names(processes);
  ScanResult result;
  result.complete = names.problem() == nullptr;
  for (const auto& name : names.value_or({})) {
    const auto pid = parse_number<std::uint32_t>(name);
    if (!pid) continue;
    auto process = scan_process(*pid, processes / name);
    append(result, std::move(process.contexts));
    result.complete = result.complete && process.complete;
  }
  return result;
}

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

GpuProcess read_usage(const UsageKey& key, const GpuUsage& usage) {
  Sum sdma;
  Sum compute_units;
  for (const auto& context : usage.contexts) {
    const std::string id = std::to_string(context.gpu_id);
    sdma.add(read_number(context.context / ("sdma_" + id), kPlausibleMicroseconds));
    compute_units.add(
        read_number(context.context / ("stats_" + id) / "cu_occupancy", kPlausibleComputeUnits));
  }
  GpuProcess process;
  process.pci_address = key.second;
  process.pid = key.first;
  process.memory_bytes = usage.memory.total();
  if (const auto total = sdma.total()) process.sdma_seconds = *total / kMicrosecondsPerSecond;
  process.compute_units = compute_units.total();
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
  const ScanResult scan = scan_processes(processes_);
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
  std::map<UsageKey, SdmaTotal> totals;
  for (auto& process : processes) {
    if (!process.sdma_seconds) continue;
    const UsageKey key{process.pid, process.pci_address};
    const auto before = sdma_totals_.find(key);
    SdmaTotal total = before == sdma_totals_.end() ? SdmaTotal{} : before->second;
    total.ended_contexts += std::max(total.last - *process.sdma_seconds, 0.0);
    total.last = *process.sdma_seconds;
    *process.sdma_seconds += total.ended_contexts;
    totals[key] = total;
  }
  sdma_totals_ = std::move(totals);
}

}  // namespace rig
