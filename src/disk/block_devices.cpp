#include "rig/block_devices.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "rig/kernel_file.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

// No stack of devices is as deep; the kernel's has no loops, a made-up one may.
constexpr int kDeepest = 16;

void add_disks(const fs::path& link, int depth, std::set<fs::path>& disks) {
  std::error_code error;
  fs::path folder = fs::canonical(link, error);
  if (error || depth > kDeepest) return;
  if (fs::exists(folder / "partition", error)) folder = folder.parent_path();
  const auto below = list_folder(folder / "slaves");
  if (below.empty()) disks.insert(folder);
  for (const std::string& name : below) add_disks(folder / "slaves" / name, depth + 1, disks);
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

}  // namespace rig
