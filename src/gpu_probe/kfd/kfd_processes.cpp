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

#include "rig/gpu_protocol/plausible.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr double kMicrosecondsPerSecond = 1e6;
constexpr Range kPlausibleMicroseconds{0, 1e18};
// -1 and 0xFFFFFFFF are how a driver says that it does not know.
constexpr Range kPlausibleComputeUnits{0, 100'000};

// A file that is not there says nothing, and one that cannot be used says that there is something.
struct FileNumber {
  bool there = false;
  std::optional<double> value;
};

FileNumber read_number(const fs::path& path, const Range& plausible) {
  const FileText file = try_read_file(path);
  if (!file.text) return {!file.problem.empty(), std::nullopt};
  const auto number = parse_number<std::uint64_t>(*file.text);
  if (!number || !plausible.contains(static_cast<double>(*number))) return {true, std::nullopt};
  return {true, static_cast<double>(*number)};
}

// Of what is there; absent when nothing is, or a part of it is not known.
class Sum {
 public:
  void add(const FileNumber& number) {
    if (!number.there) return;
    there_ = true;
    known_ = known_ && number.value;
    total_ += number.value.value_or(0);
  }
  bool refused() const { return !known_; }
  std::optional<double> total() const {
    return there_ && known_ ? std::optional(total_) : std::nullopt;
  }

 private:
  bool there_ = false;
  bool known_ = true;
  double total_ = 0;
};

// What one context has on one partition.
struct Part {
  std::uint32_t pid = 0;
  fs::path context;  // the folder with its files
  std::uint32_t gpu_id = 0;
  FileNumber memory;
  bool queue = false;
};

// What one process has on one card.
struct Share {
  std::vector<Part> parts;
  Sum memory;
  bool queue = false;

  bool uses_it() const { return queue || memory.refused() || memory.total().value_or(0) > 0; }
};
using ShareKey = std::pair<std::uint32_t, std::string>;  // pid, PCI address
using Shares = std::map<ShareKey, Share>;

struct Found {
  std::vector<Part> parts;
  bool complete = true;  // no process was there that did not tell what it has
};

std::optional<std::vector<std::string>> names_unless_refused(const fs::path& folder) {
  try {
    return list_directory(folder);
  } catch (const ReadError&) {
    return std::nullopt;
  }
}

std::set<std::uint32_t> queue_gpus(const fs::path& queues) {
  std::set<std::uint32_t> ids;
  for (const auto& name : names_unless_refused(queues).value_or(std::vector<std::string>{})) {
    const auto text = try_read_file(queues / name / "gpuid").text;
    if (const auto id = parse_number<std::uint32_t>(text.value_or(""))) ids.insert(*id);
  }
  return ids;
}

// The GPUs of one context: those with a memory file, and those with a queue.
std::vector<Part> parts_of(std::uint32_t pid, const fs::path& context,
                           const std::vector<std::string>& files) {
  constexpr std::string_view kMemory = "vram_";
  const auto with_queue = queue_gpus(context / "queues");
  std::set<std::uint32_t> ids = with_queue;
  for (const std::string_view file : files) {
    if (!file.starts_with(kMemory)) continue;
    if (const auto id = parse_number<std::uint32_t>(file.substr(kMemory.size()))) ids.insert(*id);
  }
  std::vector<Part> parts;
  for (const auto id : ids) {
    const auto memory = read_number(context / ("vram_" + std::to_string(id)), kPlausibleBytes);
    parts.push_back({pid, context, id, memory, with_queue.contains(id)});
  }
  return parts;
}

// Kernels before 5.8 have a folder for a process and nothing of what it uses in it.
bool tells_its_memory(const std::vector<std::string>& files) {
  return std::any_of(files.begin(), files.end(), [](std::string_view file) {
    return file.starts_with("vram_") || file == "queues";
  });
}

Found find_in_process(std::uint32_t pid, const fs::path& folder) {
  const auto files = names_unless_refused(folder);
  if (!files) return {{}, false};
  if (files->empty()) return {};  // gone since
  Found found{parts_of(pid, folder, *files), tells_its_memory(*files)};
  for (const auto& file : *files) {
    if (!file.starts_with("context_")) continue;
    const auto inner = names_unless_refused(folder / file);
    found.complete = found.complete && inner;
    if (!inner) continue;
    auto parts = parts_of(pid, folder / file, *inner);
    std::move(parts.begin(), parts.end(), std::back_inserter(found.parts));
  }
  return found;
}

Found find_parts(const fs::path& processes) {
  const auto names = names_unless_refused(processes);
  if (!names) return {{}, false};
  Found found;
  for (const auto& name : *names) {
    const auto pid = parse_number<std::uint32_t>(name);
    if (!pid) continue;
    auto one = find_in_process(*pid, processes / name);
    std::move(one.parts.begin(), one.parts.end(), std::back_inserter(found.parts));
    found.complete = found.complete && one.complete;
  }
  return found;
}

std::set<std::uint32_t> gpu_ids(const std::vector<Part>& parts) {
  std::set<std::uint32_t> ids;
  for (const auto& part : parts) ids.insert(part.gpu_id);
  return ids;
}

Shares shares_of(const std::vector<Part>& parts, const KfdTopology::Addresses& addresses) {
  Shares shares;
  for (const auto& part : parts) {
    const auto address = addresses.find(part.gpu_id);
    if (address == addresses.end()) continue;
    Share& share = shares[{part.pid, address->second}];
    share.parts.push_back(part);
    share.memory.add(part.memory);
    share.queue = share.queue || part.queue;
  }
  std::erase_if(shares, [](const auto& entry) { return !entry.second.uses_it(); });
  return shares;
}

std::map<std::string, double> count_holders(const Shares& shares,
                                            const KfdTopology::Addresses& addresses) {
  std::map<std::string, double> counts;
  for (const auto& [id, address] : addresses) counts[address] = 0;
  for (const auto& [key, share] : shares) {
    if (share.memory.total().value_or(0) > 0) counts[key.second] += 1;
  }
  for (const auto& [key, share] : shares) {
    if (share.memory.refused()) counts.erase(key.second);
  }
  return counts;
}

std::vector<ShareKey> largest(const Shares& shares, std::size_t most) {
  std::vector<ShareKey> keys;  // in the order that ties have
  for (const auto& [key, share] : shares) keys.push_back(key);
  std::stable_sort(keys.begin(), keys.end(), [&](const ShareKey& a, const ShareKey& b) {
    return shares.at(a).memory.total() > shares.at(b).memory.total();  // unknown is the least
  });
  keys.resize(std::min(most, keys.size()));
  return keys;
}

GpuProcess read_share(const ShareKey& key, const Share& share) {
  Sum sdma;
  Sum compute_units;
  for (const auto& part : share.parts) {
    const std::string id = std::to_string(part.gpu_id);
    sdma.add(read_number(part.context / ("sdma_" + id), kPlausibleMicroseconds));
    compute_units.add(
        read_number(part.context / ("stats_" + id) / "cu_occupancy", kPlausibleComputeUnits));
  }
  GpuProcess process;
  process.pci_address = key.second;
  process.pid = key.first;
  process.memory_bytes = share.memory.total();
  if (const auto total = sdma.total()) process.sdma_seconds = *total / kMicrosecondsPerSecond;
  process.compute_units = compute_units.total();
  return process;
}

GpuProcess with_name(GpuProcess process, const ProcessName& name) {
  const ProcessOwner& owner = name.owner;
  process.command = name.command;
  process.unit = owner.unit;
  process.container = owner.container;
  process.pod = owner.pod;
  process.slurm_job = owner.slurm_job;
  return process;
}

bool comes_before(const GpuProcess& a, const GpuProcess& b) {
  return std::tie(a.pci_address, b.memory_bytes, a.pid) <
         std::tie(b.pci_address, a.memory_bytes, b.pid);
}

}  // namespace

KfdProcesses::KfdProcesses(const fs::path& sys, const fs::path& proc)
    : processes_(sys / "class/kfd/kfd/proc"), topology_(sys), names_(proc) {}

GpuProcesses KfdProcesses::read(std::size_t most) {
  std::error_code ignored;
  if (!fs::is_directory(processes_, ignored)) return {};
  const Found found = find_parts(processes_);
  const auto& addresses = topology_.addresses(gpu_ids(found.parts));
  const Shares shares = shares_of(found.parts, addresses);
  const auto keys = largest(shares, most);

  std::set<std::uint32_t> pids;
  for (const auto& key : keys) pids.insert(key.first);
  const auto names = names_.read(pids);

  GpuProcesses result;
  if (found.complete) result.counts = count_holders(shares, addresses);
  for (const auto& key : keys) {
    auto process = read_share(key, shares.at(key));
    const auto name = names.find(key.first);
    if (name != names.end()) process = with_name(std::move(process), name->second);
    result.processes.push_back(std::move(process));
  }
  keep_growing(result.processes);
  std::sort(result.processes.begin(), result.processes.end(), comes_before);
  return result;
}

void KfdProcesses::keep_growing(std::vector<GpuProcess>& processes) {
  std::map<Share, Grown> now;
  for (auto& process : processes) {
    if (!process.sdma_seconds) continue;
    const Share share{process.pid, process.pci_address};
    const auto before = sdma_seconds_.find(share);
    Grown grown = before == sdma_seconds_.end() ? Grown{} : before->second;
    grown.of_ended_contexts += std::max(grown.last - *process.sdma_seconds, 0.0);
    grown.last = *process.sdma_seconds;
    *process.sdma_seconds += grown.of_ended_contexts;
    now[share] = grown;
  }
  sdma_seconds_ = std::move(now);
}

}  // namespace rig
