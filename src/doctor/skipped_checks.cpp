#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "doctor/checks.h"
#include "rig/disk/disk_families.h"
#include "rig/host/filesystem_families.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kMaxNames = 12;
// Interfaces of the kernel, which nobody expects to have a size.
constexpr auto kInterfaces = std::to_array<std::string_view>(
    {"autofs", "binfmt_misc", "bpf",        "cgroup",     "cgroup2",   "configfs", "debugfs",
     "devpts", "devtmpfs",    "efivarfs",   "fusectl",    "hugetlbfs", "mqueue",   "nsfs",
     "proc",   "pstore",      "rpc_pipefs", "securityfs", "selinuxfs", "sysfs",    "tracefs"});

std::string list(const std::vector<std::string>& names) {
  const std::span<const std::string> all(names);
  const auto shown = all.first(std::min(all.size(), kMaxNames));
  std::string text = fmt::format("{}", fmt::join(shown, ", "));
  if (shown.size() == all.size()) return text;
  return fmt::format("{} and {} more", text, all.size() - shown.size());
}

// The filesystem types in mountinfo: the word after the separator "-".
std::set<std::string> mounted_types(const std::filesystem::path& proc) {
  auto text = read_text(proc / "1/mountinfo");
  if (!text) text = read_text(proc / "self/mountinfo");
  std::set<std::string> types;
  const std::string mountinfo = text.value_or("");
  for (const auto line : complete_lines(mountinfo)) {
    const auto fields = words(line);
    const auto separator = std::ranges::find(fields, "-");
    if (fields.end() - separator > 1) types.emplace(separator[1]);
  }
  return types;
}

template <typename Metric>
std::set<std::string, std::less<>> label_values(const CheckInput& input, const Metric& metric,
                                                std::string_view label) {
  std::set<std::string, std::less<>> values;
  for (const auto& sample : input.scrape.find(metric)) values.emplace(sample.label(label));
  return values;
}

}  // namespace

Findings check_skipped_filesystems(const CheckInput& input) {
  if (!input.finished("filesystem")) return {};
  const auto exported = label_values(input, kFilesystemReadonly, "fstype");
  std::vector<std::string> skipped;
  for (const auto& type : mounted_types(input.config.paths.proc)) {
    const bool is_interface = std::ranges::find(kInterfaces, type) != kInterfaces.end();
    if (!is_interface && !exported.contains(type)) skipped.push_back(type);
  }
  if (skipped.empty()) return {};
  return {
      {Level::ok, kHostSubject,
       fmt::format("filesystems of these types have no series, as they are not on a disk or are "
                   "read-only images: {}",
                   list(skipped)),
       ""}};
}

Findings check_skipped_disks(const CheckInput& input) {
  if (!input.finished("disk")) return {};
  const auto exported = label_values(input, kDiskReads, "device");
  std::vector<std::string> skipped;
  for (std::string name : list_names(input.config.paths.sys / "block").value_or({})) {
    std::ranges::replace(name, '!', '/');
    if (!exported.contains(name)) skipped.push_back(std::move(name));
  }
  if (skipped.empty()) return {};
  return {{Level::ok, kHostSubject,
           fmt::format("block devices without I/O series, as they are neither disks nor arrays nor "
                       "below an array: {}",
                       list(skipped)),
           ""}};
}

}  // namespace rig
