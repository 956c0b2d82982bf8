#include "host/memory_sysfs.h"

#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

using Problems = std::vector<std::string>;

std::vector<std::string> list_or_note(const std::filesystem::path& path, Problems& problems) {
  try {
    return list_directory(path);
  } catch (const ReadError& error) {
    problems.emplace_back(error.what());
    return {};
  }
}

std::optional<std::string> text_of(const std::filesystem::path& path, Problems& problems) {
  FileText file = try_read_file(path);
  if (!file.problem.empty()) problems.push_back(std::move(file.problem));
  return std::move(file.text);
}

std::optional<double> count_in(const std::filesystem::path& path, Problems& problems) {
  const auto text = text_of(path, problems);
  if (!text) return std::nullopt;
  const auto count = parse_number<unsigned long long>(*text);
  if (!count) {
    problems.push_back(path.string() + ": no count: " + std::string(trim(*text)));
    return std::nullopt;
  }
  return static_cast<double>(*count);
}

// 2048 of "hugepages-2048kB". Absent for a folder with another name.
std::optional<unsigned long long> number_between(std::string_view name, std::string_view before,
                                                 std::string_view after) {
  if (!name.starts_with(before) || !name.ends_with(after)) return std::nullopt;
  name.remove_prefix(before.size());
  name.remove_suffix(after.size());
  return parse_number<unsigned long long>(name);
}

}  // namespace

NumaNodes read_numa_nodes(const std::filesystem::path& sys) {
  const auto folder = sys / "devices/system/node";
  NumaNodes found;
  for (const std::string& name : list_or_note(folder, found.problems)) {
    const auto number = number_between(name, "node", "");
    if (!number) continue;
    const auto path = folder / name / "meminfo";
    const auto text = text_of(path, found.problems);
    if (!text) continue;
    found.nodes.push_back({std::to_string(*number), parse_meminfo(*text)});
    for (const std::string& line : found.nodes.back().memory.malformed)
      found.problems.push_back(path.string() + ": makes no sense: " + line);
  }
  return found;
}

HugepagePools read_hugepage_pools(const std::filesystem::path& sys) {
  const auto folder = sys / "kernel/mm/hugepages";
  HugepagePools found;
  for (const std::string& name : list_or_note(folder, found.problems)) {
    const auto kilobytes = number_between(name, "hugepages-", "kB");
    if (!kilobytes) continue;
    const auto page_bytes = *kilobytes * 1024;
    const auto bytes = [&](const char* file) -> std::optional<double> {
      const auto pages = count_in(folder / name / file, found.problems);
      if (!pages) return std::nullopt;
      return *pages * static_cast<double>(page_bytes);
    };
    found.pools.push_back({.page_bytes = page_bytes,
                           .bytes = bytes("nr_hugepages"),
                           .free_bytes = bytes("free_hugepages"),
                           .reserved_bytes = bytes("resv_hugepages")});
  }
  return found;
}

MemoryControllers read_memory_controllers(const std::filesystem::path& sys) {
  const auto folder = sys / "devices/system/edac/mc";
  MemoryControllers found;
  for (const std::string& name : list_or_note(folder, found.problems)) {
    if (!number_between(name, "mc", "")) continue;
    found.controllers.push_back(
        {.name = name,
         .correctable = count_in(folder / name / "ce_count", found.problems),
         .uncorrectable = count_in(folder / name / "ue_count", found.problems)});
  }
  return found;
}

}  // namespace rig
