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

// One look at everything that is known without asking a disk.
class MemberDisks::Look {
 public:
  Look(const RootPaths& host, const Identities& known) : host_(host), known_(known) {}

  Found at(const std::vector<std::string>& arrays) {
    constexpr std::string_view kMemberFolder = "dev-";
    for (const std::string& array : arrays) {
      const fs::path md = host_.sys / "block" / array / "md";
      for (const std::string& folder : list_directory(md)) {
        if (!folder.starts_with(kMemberFolder)) continue;
        const std::string member = device_name(folder.substr(kMemberFolder.size()));
        found_.members[{array, member}] = under(md / folder / "block");
      }
    }
    return std::move(found_);
  }

 private:
  Seen under(const fs::path& member) {
    DiskIdentity identity;
    std::vector<DiskHealth> disks;
    for (const DiskPaths& paths : disk_paths_under(member)) {
      std::vector<DiskHealth> healths;
      for (const fs::path& path : paths) healths.push_back(disk(path).health);
      disks.push_back(health_of_paths(healths));
      const DiskIdentity& one = disk(paths.front()).identity;
      append(identity.model, one.model);
      append(identity.serial, one.serial);
      append(identity.wwn, one.wwn);
    }
    return {std::move(identity), health_of_all(disks)};
  }

  const Seen& disk(const fs::path& folder) {
    const auto [entry, is_new] = disks_.try_emplace(folder);
    Seen& disk = entry->second;
    if (!is_new) return disk;
    disk.identity = identity_of(folder);
    disk.health = parse_disk_health(read_disk_health(folder));
    found_.problems.insert(found_.problems.end(), disk.health.problems.begin(),
                           disk.health.problems.end());
    return disk;
  }

  DiskIdentity identity_of(const fs::path& folder) {
    const std::string key = disk_key(folder);
    if (const auto known = known_.find(key); known != known_.end())
      return found_.identities[key] = known->second;
    const DiskIdentitySources text = read_disk_identity(host_, folder);
    DiskIdentity identity = parse_disk_identity(text);
    if (is_final(text)) found_.identities[key] = identity;
    return identity;
  }

  const RootPaths& host_;
  const Identities& known_;
  std::map<fs::path, Seen> disks_;
  Found found_;
};

std::map<ArrayAndMember, MemberDisk> MemberDisks::read(const std::vector<std::string>& arrays,
                                                       Samples& samples, Deadline deadline) {
  const auto ticket = look_lane_.start(
      [host = host_, known = identities_, arrays] { return Look(host, known).at(arrays); });
  const auto outcome = look_lane_.finish(ticket, deadline);
  if (outcome.late)
    samples.problem((host_.sys / "block").string() + ": the look at the disks does not come back");
  if (!outcome.error.empty()) samples.problem(outcome.error);
  const Found found = outcome.value ? *outcome.value : Found();
  for (const Problem& problem : found.problems) samples.add_problem(problem);
  if (outcome.value) remember(found);

  const auto temperatures = read_temperatures(found, samples, deadline);
  std::map<ArrayAndMember, MemberDisk> disks;
  for (const auto& [member, identity] : remembered_) disks[member].identity = identity;
  for (const auto& [member, seen] : found.members) {
    MemberDisk& disk = disks[member];
    disk.online = seen.health.online;
    disk.io_errors = seen.health.io_errors;
    // Nothing is less than any number.
    for (const auto& file : seen.health.temperatures)
      disk.temperature_celsius = std::max(disk.temperature_celsius, temperatures.at(file));
  }
  return disks;
}

void MemberDisks::remember(const Found& found) {
  std::map<ArrayAndMember, DiskIdentity> now;
  for (const auto& [member, seen] : found.members)
    now[member] = seen.identity == DiskIdentity() ? remembered_[member] : seen.identity;
  remembered_ = std::move(now);
  identities_ = found.identities;
}

std::map<fs::path, std::optional<double>> MemberDisks::read_temperatures(const Found& found,
                                                                         Samples& samples,
                                                                         Deadline deadline) {
  std::map<std::string, std::function<Celsius()>> reads;
  for (const auto& [member, seen] : found.members) {
    for (const fs::path& file : seen.health.temperatures)
      reads[file.string()] = [file] { return read_temperature_celsius(file).get(); };
  }
  std::map<fs::path, Celsius> temperatures;
  for (const auto& [file, outcome] : temperature_crew_.run(std::move(reads), deadline)) {
    if (outcome.late) samples.problem(file + ": the read does not come back");
    if (!outcome.error.empty()) samples.problem(outcome.error);
    temperatures[file] = outcome.value ? *outcome.value : std::nullopt;
  }
  return temperatures;
}

}  // namespace rig
