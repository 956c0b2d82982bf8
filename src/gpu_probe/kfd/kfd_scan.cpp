#include "gpu_probe/kfd/kfd_scan.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::string_view kMemoryPrefix = "vram_";
constexpr std::string_view kContextPrefix = "context_";

void append(KfdScan& result, std::vector<ContextUsage> contexts) {
  std::move(contexts.begin(), contexts.end(), std::back_inserter(result.contexts));
}

std::set<std::uint32_t> gpus_with_queues(const std::string& queues) {
  std::set<std::uint32_t> ids;
  for (const auto& name : list_names(queues).value_or({})) {
    const auto text = read_attribute(queues + "/" + name + "/gpuid");  // ends without a newline
    if (const auto id = parse_number<std::uint32_t>(text.value_or(""))) ids.insert(*id);
  }
  return ids;
}

// One entry for each GPU for which the context has a memory file or a queue.
std::vector<ContextUsage> read_context(std::uint32_t pid, const std::string& context,
                                       const std::vector<std::string>& files) {
  const auto with_queue = gpus_with_queues(context + "/queues");
  std::set<std::uint32_t> ids = with_queue;
  for (const std::string_view file : files) {
    if (!file.starts_with(kMemoryPrefix)) continue;
    if (const auto id = parse_number<std::uint32_t>(file.substr(kMemoryPrefix.size())))
      ids.insert(*id);
  }
  std::vector<ContextUsage> usages;
  for (const auto id : ids) {
    const auto memory = read_kfd_number(context + "/vram_" + std::to_string(id), kAnyCount);
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

KfdScan scan_process(std::uint32_t pid, const std::string& directory) {
  const auto files = list_names(directory);
  if (files.problem() != nullptr) return {{}, false};
  if (!files || files->empty()) return {};  // the process has exited
  KfdScan result{read_context(pid, directory, *files), has_usage_files(*files)};
  for (const auto& file : *files) {
    if (!file.starts_with(kContextPrefix)) continue;
    const std::string context = directory + "/" + file;
    const auto context_files = list_names(context);
    result.complete = result.complete && context_files.problem() == nullptr;
    if (context_files) append(result, read_context(pid, context, *context_files));
  }
  return result;
}

}  // namespace

KfdScan scan_kfd_processes(const std::string& processes) {
  const auto names = list_names(processes);
  KfdScan result;
  result.complete = names.problem() == nullptr;
  for (const auto& name : names.value_or({})) {
    const auto pid = parse_number<std::uint32_t>(name);
    if (!pid) continue;
    auto process = scan_process(*pid, processes + "/" + name);
    append(result, std::move(process.contexts));
    result.complete = result.complete && process.complete;
  }
  return result;
}

ReadResult<double> read_kfd_number(const std::string& path, const Range& plausible) {
  const auto text = read_attribute(path);
  if (text.problem() != nullptr) return *text.problem();
  if (!text) return std::nullopt;
  const auto number = parse_number<std::uint64_t>(*text);
  if (!number || !text->ends_with('\n'))
    return  // without a newline, the number was truncated
        Problem::malformed(path, *text);
  const auto value = static_cast<double>(*number);
  if (!plausible.contains(value))
    return Problem{Reason::implausible, path, "implausible value " + *text};
  return value;
}

}  // namespace rig
