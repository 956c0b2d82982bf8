#include "host/mount_selection.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

namespace rig {
namespace {

constexpr auto kImageFormats =
    std::to_array<std::string_view>({"cramfs", "erofs", "iso9660", "romfs", "squashfs"});

bool is_reported(const Mount& mount) {
  const bool has_device = mount.device_major != 0 || mount.fstype == "btrfs";
  const bool is_image =
      std::find(kImageFormats.begin(), kImageFormats.end(), mount.fstype) != kImageFormats.end();
  return mount.source.starts_with("/dev/") && has_device && !is_image;
}

bool is_preferred(const LocatedMount& left, const LocatedMount& right) {
  const auto rank = [](const Mount& mount) {
    return std::tuple(mount.mountpoint != "/", mount.root != "/", mount.mountpoint.size());
  };
  return rank(left.mount) < rank(right.mount);
}

// In a container with the host's root at /rootfs, the mountpoints in the container's own mountinfo
// begin with /rootfs, those in the host's mountinfo do not.
LocatedMount locate(Mount mount, const std::string& root) {
  if (root == "/") return {mount, mount.mountpoint};
  if (mount.mountpoint != root && !mount.mountpoint.starts_with(root + "/"))
    return {mount, root + mount.mountpoint};
  const std::filesystem::path directory = mount.mountpoint;
  mount.mountpoint.erase(0, root.size());
  if (mount.mountpoint.empty()) mount.mountpoint = "/";
  return {std::move(mount), directory};
}

}  // namespace

std::map<DeviceNumber, std::vector<LocatedMount>> select_mounts(std::vector<Mount> mounts,
                                                                const std::string& root) {
  std::map<DeviceNumber, std::vector<LocatedMount>> devices;
  for (Mount& mount : mounts) {
    if (!is_reported(mount)) continue;
    const DeviceNumber number(mount.device_major, mount.device_minor);
    devices[number].push_back(locate(std::move(mount), root));
  }
  for (auto& [number, candidates] : devices)
    std::stable_sort(candidates.begin(), candidates.end(), is_preferred);
  return devices;
}

}  // namespace rig
