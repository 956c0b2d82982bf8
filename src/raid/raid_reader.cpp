#include "raid/raid_reader.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "raid/raid_array_overlay.h"
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

}  // namespace

std::map<std::string, RaidArray> RaidSnapshot::arrays() const {
  auto arrays = combine_raid_arrays(mdstat.get() ? *mdstat.get() : Mdstat(), sysfs);
  for (auto& [name, array] : arrays) array.labels_known = !unread.contains(name);
  return arrays;
}

std::string RaidSnapshot::alias_of(const std::string& kernel_name) const {
  const auto alias = aliases.find(kernel_name);
  return alias == aliases.end() ? "" : alias->second;
}

bool RaidSnapshot::has_no_source() const {
  return !mdstat.get() && !mdstat.unknown() && !devices.get() && !devices.unknown();
}

bool RaidSnapshot::is_complete() const {
  if (mdstat.get() && mdstat.get()->lists_all_arrays()) return true;
  // sysfs does if every device could be read: without its state, an array cannot be told from an
  // empty device, which is not an array.
  return devices.get() && unread.empty() && std::ranges::all_of(sysfs, [](const auto& device) {
           return device.second.array_state.has_value();
         });
}

std::vector<std::string> RaidSnapshot::arrays_without_state() const {
  std::vector<std::string> names;
  if (!mdstat.get() || !devices.get()) return names;
  for (const MdstatArray& array : mdstat.get()->arrays) {
    const auto device = sysfs.find(array.name);
    const bool has_state = device != sysfs.end() && device->second.array_state;
    if (!has_state && !unread.contains(array.name)) names.push_back(array.name);
  }
  return names;
}

RaidReader::RaidReader(const RootPaths& host)
    : mdstat_path_(host.proc / "mdstat"),
      blocks_path_(host.sys / "block"),
      root_(host.root),
      disks_(host) {}

RaidSnapshot RaidReader::read(Samples& samples, Deadline deadline) {
  RaidSnapshot snapshot;
  const auto mdstat = mdstat_task_.start([path = mdstat_path_] { return read_mdstat(path); });
  const auto host_files = host_files_task_.start([root = root_] { return read_host_files(root); });
  read_sysfs(snapshot, samples, deadline);
  snapshot.mdstat = answer<Mdstat>(mdstat_task_.finish(mdstat, deadline), mdstat_path_, samples);
  const auto outcome = host_files_task_.finish(host_files, deadline);
  if (outcome.late) samples.problem((root_ / "etc/mdadm").string() + ": read timed out");
  if (!outcome.error.empty()) samples.problem(outcome.error);
  if (outcome.value) {
    snapshot.conf = outcome.value->conf;
    snapshot.aliases = outcome.value->aliases;
  }
  return snapshot;
}

void RaidReader::read_sysfs(RaidSnapshot& snapshot, Samples& samples, Deadline deadline) {
  const auto ticket = devices_task_.start([path = blocks_path_] { return list_devices(path); });
  snapshot.devices = answer<std::vector<std::string>>(devices_task_.finish(ticket, deadline),
                                                      blocks_path_, samples);
  if (snapshot.devices.unknown()) return;

  const auto names = snapshot.devices.value->value_or(std::vector<std::string>());
  // A read that hangs for the first time uses up half of the time, so that enough is left for what
  // comes after it.
  const auto now = std::chrono::steady_clock::now();
  const Deadline halfway = now + (deadline - now) / 2;
  std::map<std::string, std::function<std::optional<MdSysfs>()>> reads;
  for (const std::string& name : names)
    reads[name] = [block = blocks_path_ / name] { return read_array(block); };
  for (auto& [name, outcome] : array_pool_.run(std::move(reads), halfway)) {
    const auto read = answer<MdSysfs>(std::move(outcome), blocks_path_ / name / "md", samples);
    if (read.unknown()) snapshot.unread.insert(name);
    if (read.get()) snapshot.sysfs[name] = *read.get();
  }
  snapshot.disks = disks_.read(names, samples, deadline);
}

std::optional<std::vector<std::string>> RaidReader::list_devices(
    const std::filesystem::path& blocks) {
  if (!std::filesystem::exists(blocks)) return std::nullopt;
  auto names = list_directory(blocks);
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("md"); });
  return names;
}

RaidReader::HostFiles RaidReader::read_host_files(const std::filesystem::path& root) {
  HostFiles files{read_mdadm_conf(root), {}};
  try {
    for (const auto& name : list_directory(root / "dev/md")) {
      const auto kernel_name = link_target_name(root / "dev/md" / name);
      if (kernel_name) files.aliases[*kernel_name] = raid_array_label(name);
    }
  } catch (const ReadError& error) {
    files.conf.problems.emplace_back(error.what());
  }
  return files;
}

}  // namespace rig
