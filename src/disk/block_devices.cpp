#include "rig/disk/block_devices.h"

#include <algorithm>
#include <set>
#include <utility>

#include "rig/kernel/files.h"

namespace rig {
namespace {

// Limits the recursion; deeper than any real stack of devices. A copied sysfs may have loops.
constexpr int kMaxDepth = 16;

// The directory that `link` leads to, or for a partition that of its disk; empty if there is none.
std::string disk_of(const std::string& link) {
  std::string directory = real_path(link).value_or("");
  if (directory.empty()) return {};
  const bool is_partition = is_present(directory + "/partition") == true;
  return is_partition ? directory.substr(0, directory.rfind('/')) : directory;
}

std::vector<std::string> slaves_of(const std::string& directory) {
  return list_names(directory + "/slaves").get().value_or(std::vector<std::string>());
}

bool is_multipath(const std::string& directory) {
  return read_attribute(directory + "/dm/uuid").value_or("").starts_with("mpath-");
}

void add_disks(const std::string& link, int depth, std::set<std::string>& disks) {
  const std::string directory = disk_of(link);
  if (directory.empty() || depth > kMaxDepth) return;
  const auto below = slaves_of(directory);
  if (below.empty()) disks.insert(directory);
  for (const std::string& name : below) add_disks(directory + "/slaves/" + name, depth + 1, disks);
}

void add_devices(const std::string& directory, int depth, std::set<std::string>& devices) {
  for (const std::string& name : slaves_of(directory)) {
    const std::string below = disk_of(directory + "/slaves/" + name);
    if (below.empty() || depth > kMaxDepth) continue;
    devices.insert(below);
    add_devices(below, depth + 1, devices);
  }
}

void add_disk_paths(const std::string& link, int depth, std::set<DiskPaths>& disks) {
  const std::string directory = disk_of(link);
  if (directory.empty() || depth > kMaxDepth) return;
  const auto below = slaves_of(directory);
  if (is_multipath(directory)) {
    // Without its last path it remains, and is not a disk itself.
    auto paths = below.empty() ? DiskPaths() : disks_under(directory);
    const bool being_removed = !below.empty() && paths.empty();
    if (!being_removed) disks.insert(std::move(paths));
    return;
  }
  if (below.empty()) disks.insert({directory});
  for (const std::string& name : below)
    add_disk_paths(directory + "/slaves/" + name, depth + 1, disks);
}

}  // namespace

std::string device_name(const std::string& directory) {
  std::string name = directory.substr(directory.rfind('/') + 1);  // npos + 1 is 0
  std::replace(name.begin(), name.end(), '!', '/');
  return name;
}

std::vector<std::string> disks_under(const std::string& directory) {
  std::set<std::string> disks;
  add_disks(directory, 0, disks);
  return {disks.begin(), disks.end()};
}

std::vector<std::string> devices_under(const std::string& directory) {
  std::set<std::string> devices;
  add_devices(directory, 0, devices);
  return {devices.begin(), devices.end()};
}

std::vector<DiskPaths> disk_paths_under(const std::string& directory) {
  std::set<DiskPaths> disks;
  add_disk_paths(directory, 0, disks);
  return {disks.begin(), disks.end()};
}

}  // namespace rig
