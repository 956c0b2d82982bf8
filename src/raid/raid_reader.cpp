#include "raid/raid_reader.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "rig/kernel/files.h"
#include "rig/kernel/raid_array_label.h"

namespace rig {
namespace {

std::optional<Mdstat> read_mdstat(const std::filesystem::path& path) {
  const auto text = read_file(path);
  return text ? std::optional(parse_mdstat(*text)) : std::nullopt;
}

std::optional<MdSysfs> read_array(const std::filesystem::path& block) {
  const auto text = read_md_sysfs(block);
  return text ? std::optional(parse_md_sysfs(*text)) : std::nullopt;
}

template <typename T>
Answer<T> answer(typename TimedTask<std::optional<T>>::Outcome outcome,
                 const std::filesystem::path& path, Samples& samples) {
  if (outcome.late) samples.problem(path.string() + ": read timed out");
  if (!outcome.error.empty()) samples.problem(outcome.error);
  return {std::move(outcome.value)};
}

// mdstat alone names all arrays when it was understood.
bool names_all(const Mdstat& mdstat) {
  return std::ranges::none_of(mdstat.problems, [](const auto& p) { return p.array.empty(); });
}

}  // namespace

std::set<std::string> RaidSeen::names() const {
  std::set<std::string> names;
  for (const auto& [name, read] : arrays) names.insert(name);
  if (mdstat.get()) {
    for (const auto& array : mdstat.get()->arrays) names.insert(array.name);
  }
  return names;
}

std::string RaidSeen::alias_of(const std::string& kernel_name) const {
  const auto alias = aliases.find(kernel_name);
  return alias == aliases.end() ? "" : alias->second;
}

bool RaidSeen::nowhere() const {
  return !mdstat.get() && !mdstat.unknown() && !listed && !list_unknown;
}

bool RaidSeen::complete() const {
  if (mdstat.get() && names_all(*mdstat.get())) return true;
  // sysfs does when each folder could be read: an empty device is no array, and one whose state was
  // refused cannot be told from an empty device.
  return listed && std::ranges::none_of(arrays, [](const auto& array) {
           const MdSysfs* const read = array.second.get();
           return array.second.unknown() || (read && !read->array_state);
         });
}

RaidSources::RaidSources(const RootPaths& host)
    : mdstat_path_(host.proc / "mdstat"),
      blocks_path_(host.sys / "block"),
      root_(host.root),
      disks_(host) {}

RaidSeen RaidSources::read(Samples& samples, Deadline deadline) {
  RaidSeen seen;
  const auto mdstat = mdstat_task_.start([path = mdstat_path_] { return read_mdstat(path); });
  const auto host_files = host_files_task_.start([root = root_] { return read_host_files(root); });
  read_sysfs(seen, samples, deadline);
  seen.mdstat = answer<Mdstat>(mdstat_task_.finish(mdstat, deadline), mdstat_path_, samples);
  const auto outcome = host_files_task_.finish(host_files, deadline);
  if (outcome.late) samples.problem((root_ / "etc/mdadm").string() + ": read timed out");
  if (!outcome.error.empty()) samples.problem(outcome.error);
  if (outcome.value) {
    seen.conf = outcome.value->conf;
    seen.aliases = outcome.value->aliases;
  }
  return seen;
}

void RaidSources::read_sysfs(RaidSeen& seen, Samples& samples, Deadline deadline) {
  const auto ticket = list_task_.start([path = blocks_path_] { return list_arrays(path); });
  const auto listing =
      answer<std::vector<std::string>>(list_task_.finish(ticket, deadline), blocks_path_, samples);
  seen.list_unknown = listing.unknown();
  if (seen.list_unknown) return;
  seen.listed = listing.get() != nullptr;

  const auto names = listing.value->value_or(std::vector<std::string>());
  // What hangs for the first time takes half of the time only from what comes after it.
  const auto now = std::chrono::steady_clock::now();
  const Deadline halfway = now + (deadline - now) / 2;
  std::map<std::string, std::function<std::optional<MdSysfs>()>> reads;
  for (const std::string& name : names)
    reads[name] = [block = blocks_path_ / name] { return read_array(block); };
  for (auto& [name, outcome] : array_pool_.run(std::move(reads), halfway))
    seen.arrays[name] = answer<MdSysfs>(std::move(outcome), blocks_path_ / name / "md", samples);
  seen.disks = disks_.read(names, samples, deadline);
}

RaidSources::Listing RaidSources::list_arrays(const std::filesystem::path& blocks) {
  if (!std::filesystem::exists(blocks)) return std::nullopt;
  auto names = list_directory(blocks);
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("md"); });
  return names;
}

RaidSources::HostFiles RaidSources::read_host_files(const std::filesystem::path& root) {
  HostFiles files{read_mdadm_conf(root), {}};
  try {
    for (const auto& name : list_directory(root / "dev/md")) {
      const auto kernel_name = link_target_name(root / "dev/md" / name);
      if (kernel_name) files.aliases[*kernel_name] = raid_array_label(name);
    }
  } catch (const ReadError& refused) {
    files.conf.problems.emplace_back(refused.what());
  }
  return files;
}

}  // namespace rig
