#include "rig/disk/block_devices.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "rig/kernel/files.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

// No stack of devices is as deep; the kernel's has no loops, a made-up one may.
constexpr int kDeepest = 16;

// The folder that a link leads to, or that of the partition's disk; empty when it is not there.
fs::path disk_of(const fs::path& link) {
  const fs::path folder = real_path(link).value_or(fs::path());
  if (folder.empty()) return {};
  std::error_code error;
  return fs::exists(folder / "partition", error) ? folder.parent_path() : folder;
}

bool is_multipath(const fs::path& folder) {
  return try_read_file(folder / "dm/uuid").text.value_or("").starts_with("mpath-");
}

void add_disks(const fs::path& link, int depth, std::set<fs::path>& disks) {
  const fs::path folder = disk_of(link);
  if (folder.empty() || depth > kDeepest) return;
  const auto below = list_directory(folder / "slaves");
  if (below.empty()) disks.insert(folder);
  for (const std::string& name : below) add_disks(folder / "slaves" / name, depth + 1, disks);
}

void add_devices(const fs::path& folder, int depth, std::set<fs::path>& devices) {
  for (const std::string& name : list_directory(folder / "slaves")) {
    const fs::path below = disk_of(folder / "slaves" / name);
    if (below.empty() || depth > kDeepest) continue;
    devices.insert(below);
    add_devices(below, depth + 1, devices);
  }
}

void add_disk_paths(const fs::path& link, int depth, std::set<DiskPaths>& disks) {
  const fs::path folder = disk_of(link);
  if (folder.empty() || depth > kDeepest) return;
  if (is_multipath(folder)) {
    if (auto paths = disks_under(folder); !paths.empty()) disks.insert(std::move(paths));
    return;
  }
  const auto below = list_directory(folder / "slaves");
  if (below.empty()) disks.insert({folder});
  for (const std::string& name : below) add_disk_paths(folder / "slaves" / name, depth + 1, disks);
}

}  // namespace

std::string device_name(const std::filesystem::path& folder) {
  std::string name = folder.filename().string();
  std::replace(name.begin(), name.end(), '!', '/');
  return name;
}

std::vector<std::filesystem::path> disks_under(const std::filesystem::path& folder) {
  std::set<fs::path> disks;
  add_disks(folder, 0, disks);
  return {disks.begin(), disks.end()};
}

std::vector<std::filesystem::path> devices_under(const std::filesystem::path& folder) {
  std::set<fs::path> devices;
  add_devices(folder, 0, devices);
  return {devices.begin(), devices.end()};
}

std::vector<DiskPaths> disk_paths_under(const std::filesystem::path& folder) {
  std::set<DiskPaths> disks;
  add_disk_paths(folder, 0, disks);
  return {disks.begin(), disks.end()};
}

}  // namespace rig
