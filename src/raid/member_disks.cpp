#include "raid/member_disks.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "rig/disk/block_devices.h"
#include "rig/kernel/cached_structure.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

void append(std::string& list, const std::string& item) {
  if (!list.empty() && !item.empty()) list += ',';
  list += item;
}

}  // namespace

// Reads everything that is known without sending a command to a disk.
class MemberDisks::Scan {
 public:
  Scan(const RootPaths& paths, const Identities& known) : paths_(paths), known_(known) {}

  Found run(const std::vector<std::string>& arrays) {
    constexpr std::string_view kMemberPrefix = "dev-";
    for (const std::string& array : arrays) {
      const std::string md = paths_.sys.native() + "/block/" + array + "/md";
      for (const std::string& name : list_names(md).get().value_or(std::vector<std::string>())) {
        if (!name.starts_with(kMemberPrefix)) continue;
        const std::string member = device_name(name.substr(kMemberPrefix.size()));
        found_.members[{array, member}] = combined_disk(md + "/" + name + "/block");
      }
    }
    return std::move(found_);
  }

 private:
  Disk combined_disk(const std::string& member) {
    DiskIdentity identity;
    std::vector<DiskHealth> healths;
    for (const DiskPaths& paths : disk_paths_under(member)) {
      std::vector<DiskHealth> of_paths;
      for (const std::string& path : paths) of_paths.push_back(disk(path).health);
      healths.push_back(health_of_paths(of_paths));
      if (paths.empty()) continue;
      const DiskIdentity& one = disk(paths.front()).identity;
      append(identity.model, one.model);
      append(identity.serial, one.serial);
      append(identity.wwn, one.wwn);
    }
    return {std::move(identity), health_of_all(healths)};
  }

  const Disk& disk(const std::string& directory) {
    const auto [entry, is_new] = disks_.try_emplace(directory);
    Disk& disk = entry->second;
    if (!is_new) return disk;
    disk.identity = identity_of(directory);
    disk.health = parse_disk_health(read_disk_health(directory));
    found_.problems.insert(found_.problems.end(), disk.health.problems.begin(),
                           disk.health.problems.end());
    return disk;
  }

  DiskIdentity identity_of(const std::string& directory) {
    const std::string key = disk_key(directory);
    if (const auto known = known_.find(key); known != known_.end())
      return found_.identities[key] = known->second;
    const DirectReads kept_for_long;
    const DiskIdentitySources sources = read_disk_identity(paths_, directory);
    DiskIdentity identity = parse_disk_identity(sources);
    if (is_final(sources)) found_.identities[key] = identity;
    return identity;
  }

  const RootPaths& paths_;
  const Identities& known_;
  std::map<std::string, Disk> disks_;
  Found found_;
};

MemberDisks::MemberDisks(RootPaths paths)
    : paths_(std::move(paths)),
      scan_task_("raid disks", (paths_.sys / "block/md*/md/dev-*").string()) {}

std::map<ArrayAndMember, MemberDisk> MemberDisks::read(const std::vector<std::string>& arrays,
                                                       Samples& samples, Deadline deadline) {
  auto result = scan_task_.run(
      [paths = paths_, known = identities_, arrays] { return Scan(paths, *known).run(arrays); },
      deadline);
  samples.value_or_problem(result);
  const bool is_read = result.has_value();
  Found found = std::move(result).value_or({});
  for (const Problem& problem : found.problems) samples.add_problem(problem);
  if (is_read) remember(found);

  const auto temperatures = read_temperatures(found, samples, deadline);
  std::map<ArrayAndMember, MemberDisk> disks;
  for (const auto& [member, identity] : remembered_) disks[member].identity = identity;
  for (const auto& [member, disk] : found.members) {
    MemberDisk& combined = disks[member];
    combined.online = disk.health.online;
    combined.io_errors = disk.health.io_errors;
    for (const auto& file : disk.health.temperatures) {
      const auto celsius = temperatures.find(file);
      if (celsius == temperatures.end()) continue;
      // std::nullopt is less than any number.
      combined.temperature_celsius =
          std::max(combined.temperature_celsius, std::optional(celsius->second));
    }
  }
  return disks;
}

void MemberDisks::remember(Found& found) {
  std::map<ArrayAndMember, DiskIdentity> now;
  for (const auto& [member, disk] : found.members)
    now[member] = disk.identity == DiskIdentity() ? remembered_[member] : disk.identity;
  remembered_ = std::move(now);
  identities_ = std::make_shared<const Identities>(std::move(found.identities));
}

std::map<std::string, double> MemberDisks::read_temperatures(const Found& found, Samples& samples,
                                                             Deadline deadline) {
  std::map<std::string, PoolTask<double>> tasks;
  for (const auto& [member, disk] : found.members) {
    for (const std::string& file : disk.health.temperatures)
      tasks[file] = {file, [file] { return read_temperature_celsius(file); }};
  }
  std::map<std::string, double> temperatures;
  for (const auto& [file, result] : temperature_pool_.run_all(std::move(tasks), deadline)) {
    const auto celsius = readable_.check(file, result);
    if (samples.value_or_problem(celsius)) temperatures[file] = *celsius;
  }
  return temperatures;
}

}  // namespace rig
