#include "raid/member_disks.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "rig/disk/block_devices.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

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
      const fs::path md = paths_.sys / "block" / array / "md";
      for (const std::string& name : list_directory(md)) {
        if (!name.starts_with(kMemberPrefix)) continue;
        const std::string member = device_name(name.substr(kMemberPrefix.size()));
        found_.members[{array, member}] = combined_disk(md / name / "block");
      }
    }
    return std::move(found_);
  }

 private:
  Disk combined_disk(const fs::path& member) {
    DiskIdentity identity;
    std::vector<DiskHealth> healths;
    for (const DiskPaths& paths : disk_paths_under(member)) {
      std::vector<DiskHealth> of_paths;
      for (const fs::path& path : paths) of_paths.push_back(disk(path).health);
      healths.push_back(health_of_paths(of_paths));
      const DiskIdentity& one = disk(paths.front()).identity;
      append(identity.model, one.model);
      append(identity.serial, one.serial);
      append(identity.wwn, one.wwn);
    }
    return {std::move(identity), health_of_all(healths)};
  }

  const Disk& disk(const fs::path& directory) {
    const auto [entry, is_new] = disks_.try_emplace(directory);
    Disk& disk = entry->second;
    if (!is_new) return disk;
    disk.identity = identity_of(directory);
    disk.health = parse_disk_health(read_disk_health(directory));
    found_.problems.insert(found_.problems.end(), disk.health.problems.begin(),
                           disk.health.problems.end());
    return disk;
  }

  DiskIdentity identity_of(const fs::path& directory) {
    const std::string key = disk_key(directory);
    if (const auto known = known_.find(key); known != known_.end())
      return found_.identities[key] = known->second;
    const DiskIdentitySources text = read_disk_identity(paths_, directory);
    DiskIdentity identity = parse_disk_identity(text);
    if (is_final(text)) found_.identities[key] = identity;
    return identity;
  }

  const RootPaths& paths_;
  const Identities& known_;
  std::map<fs::path, Disk> disks_;
  Found found_;
};

std::map<ArrayAndMember, MemberDisk> MemberDisks::read(const std::vector<std::string>& arrays,
                                                       Samples& samples, Deadline deadline) {
  const auto ticket = scan_task_.start(
      [paths = paths_, known = identities_, arrays] { return Scan(paths, known).run(arrays); });
  const auto outcome = scan_task_.finish(ticket, deadline);
  if (outcome.late)
    samples.problem((paths_.sys / "block").string() + ": read of member disks timed out");
  if (!outcome.error.empty()) samples.problem(outcome.error);
  const Found found = outcome.value ? *outcome.value : Found();
  for (const Problem& problem : found.problems) samples.add_problem(problem);
  if (outcome.value) remember(found);

  const auto temperatures = read_temperatures(found, samples, deadline);
  std::map<ArrayAndMember, MemberDisk> disks;
  for (const auto& [member, identity] : remembered_) disks[member].identity = identity;
  for (const auto& [member, disk] : found.members) {
    MemberDisk& result = disks[member];
    result.online = disk.health.online;
    result.io_errors = disk.health.io_errors;
    // std::nullopt is less than any number.
    for (const auto& file : disk.health.temperatures)
      result.temperature_celsius = std::max(result.temperature_celsius, temperatures.at(file));
  }
  return disks;
}

void MemberDisks::remember(const Found& found) {
  std::map<ArrayAndMember, DiskIdentity> now;
  for (const auto& [member, disk] : found.members)
    now[member] = disk.identity == DiskIdentity() ? remembered_[member] : disk.identity;
  remembered_ = std::move(now);
  identities_ = found.identities;
}

std::map<fs::path, std::optional<double>> MemberDisks::read_temperatures(const Found& found,
                                                                         Samples& samples,
                                                                         Deadline deadline) {
  std::map<std::string, std::function<Celsius()>> reads;
  for (const auto& [member, disk] : found.members) {
    for (const fs::path& file : disk.health.temperatures)
      reads[file.string()] = [file] { return read_temperature_celsius(file).get(); };
  }
  std::map<fs::path, Celsius> temperatures;
  for (const auto& [file, outcome] : temperature_pool_.run(std::move(reads), deadline)) {
    if (outcome.late) samples.problem(file + ": read timed out");
    if (!outcome.error.empty()) samples.problem(outcome.error);
    temperatures[file] = outcome.value ? *outcome.value : std::nullopt;
  }
  return temperatures;
}

}  // namespace rig
