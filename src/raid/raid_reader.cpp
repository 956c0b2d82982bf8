#include "raid/raid_reader.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "raid/raid_array_overlay.h"
#include "rig/kernel/files.h"
#include "rig/kernel/raid_array_label.h"

namespace rig {
namespace {

ReadResult<Mdstat> read_mdstat(const std::filesystem::path& path) {
  const auto text = read_text(path).get();
  if (!text) return std::nullopt;
  return parse_mdstat(*text);
}

ReadResult<MdSysfs> read_array(const std::string& block) {
  const auto text = read_md_sysfs(block).get();
  if (!text) return std::nullopt;
  return parse_md_sysfs(*text);
}

ReadResult<std::vector<std::string>> list_devices(const std::filesystem::path& blocks) {
  auto names = list_names(blocks).get();
  if (names) std::erase_if(*names, [](const auto& name) { return !name.starts_with("md"); });
  return names;
}

}  // namespace

std::map<std::string, RaidArray> RaidSnapshot::arrays() const {
  const Mdstat none;
  auto arrays = combine_raid_arrays(mdstat ? *mdstat : none, sysfs);
  const bool has_sysfs = devices || devices.problem() != nullptr;
  for (auto& [name, array] : arrays) {
    array.labels_known = !unread.contains(name);
    // mdstat reports every array as active that is started, even a broken one before Linux 6.12.
    const auto device = sysfs.find(name);
    const bool has_state = device != sysfs.end() && device->second.array_state;
    if (has_sysfs && !has_state && array.state == "active") array.state.reset();
  }
  return arrays;
}

std::string RaidSnapshot::alias_of(const std::string& kernel_name) const {
  const auto alias = aliases.find(kernel_name);
  return alias == aliases.end() ? "" : alias->second;
}

bool RaidSnapshot::has_no_source() const {
  return !mdstat && !mdstat.problem() && !devices && !devices.problem();
}

bool RaidSnapshot::is_complete() const {
  if (mdstat && mdstat->lists_all_arrays()) return true;
  // sysfs is complete if every device could be read: without its state, an array cannot be
  // distinguished from an empty device, which is not an array.
  return devices && unread.empty() && std::ranges::all_of(sysfs, [](const auto& device) {
           return device.second.array_state.has_value();
         });
}

std::vector<std::string> RaidSnapshot::arrays_without_state() const {
  std::vector<std::string> names;
  if (!mdstat || !devices) return names;
  for (const MdstatArray& array : mdstat->arrays) {
    const auto device = sysfs.find(array.name);
    const bool has_state = device != sysfs.end() && device->second.array_state;
    if (!has_state && !unread.contains(array.name)) names.push_back(array.name);
  }
  return names;
}

RaidReader::RaidReader(const RootPaths& paths)
    : mdstat_path_(paths.proc / "mdstat"),
      blocks_path_(paths.sys / "block"),
      root_(paths.root),
      mdstat_task_("raid mdstat", mdstat_path_.string()),
      host_files_task_("raid host files", (root_ / "etc/mdadm").string()),
      devices_task_("raid list", blocks_path_.string()),
      disks_(paths) {}

RaidSnapshot RaidReader::read(Samples& samples, Deadline deadline) {
  RaidSnapshot snapshot;
  const auto mdstat = mdstat_task_.start([path = mdstat_path_] { return read_mdstat(path); });
  const auto host_files = host_files_task_.start([root = root_] { return read_host_files(root); });
  read_sysfs(snapshot, samples, deadline);
  snapshot.mdstat = mdstat_task_.result(mdstat, deadline);
  samples.value_or_problem(snapshot.mdstat);
  const auto files = host_files_task_.result(host_files, deadline);
  if (const HostFiles* const found = samples.value_or_problem(files)) {
    snapshot.conf = found->conf;
    snapshot.aliases = found->aliases;
  }
  return snapshot;
}

void RaidReader::read_sysfs(RaidSnapshot& snapshot, Samples& samples, Deadline deadline) {
  snapshot.devices =
      devices_task_.run([path = blocks_path_] { return list_devices(path); }, deadline);
  samples.value_or_problem(snapshot.devices);
  if (snapshot.devices.problem()) return;

  const auto names = snapshot.devices.value_or({});
  // A read that hangs for the first time uses up half of the time, so that enough is left for what
  // comes after it.
  const auto now = std::chrono::steady_clock::now();
  const Deadline halfway = now + (deadline - now) / 2;
  std::map<std::string, PoolTask<MdSysfs>> tasks;
  for (const std::string& name : names) {
    const std::string block = blocks_path_.native() + "/" + name;
    tasks[name] = {block + "/md", [block] { return read_array(block); }};
  }
  for (auto& [name, result] : array_pool_.run_all(std::move(tasks), halfway)) {
    samples.value_or_problem(result);
    if (result.problem()) snapshot.unread.insert(name);
    if (result) snapshot.sysfs[name] = *std::move(result);
  }
  snapshot.disks = disks_.read(names, samples, deadline);
}

RaidReader::HostFiles RaidReader::read_host_files(const std::filesystem::path& root) {
  HostFiles files{read_mdadm_conf(root), {}};
  const auto links = root / "dev/md";
  const auto names = list_names(links);
  if (names.problem()) files.conf.problems.push_back(*names.problem());
  for (const auto& name : names.value_or({})) {
    const auto kernel_name = link_target_name(links / name);
    if (kernel_name) files.aliases[*kernel_name] = raid_array_label(name);
  }
  return files;
}

}  // namespace rig
