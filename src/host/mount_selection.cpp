#include "host/mount_selection.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

namespace rig {
namespace {

constexpr auto kImageFormats =
    std::to_array<std::string_view>({"cramfs", "erofs", "iso9660", "romfs", "squashfs"});

// May have an anonymous device number.
constexpr auto kPooled = std::to_array<std::string_view>({"bcachefs", "btrfs", "zfs"});
// More mounts of a device are not tried if this process cannot access the preferred ones.
constexpr std::size_t kMaxMounts = 16;

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_reported(const MountLine& mount) {
  if (contains(kImageFormats, mount.fstype)) return false;
  const bool is_snapshot = mount.fstype == "zfs" && mount.source.find('@') != mount.source.npos;
  if (contains(kPooled, mount.fstype)) return !is_snapshot;
  return mount.source.starts_with("/dev/") && mount.device_major != 0;
}

bool is_preferred(const LocatedMount& left, const LocatedMount& right) {
  const auto rank = [](const Mount& mount) {
    return std::tuple(mount.mountpoint != "/", mount.root != "/", !mount.is_whole_tree(),
                      mount.mountpoint.size());
  };
  return rank(left.mount) < rank(right.mount);
}

// In a container with the host's root at /rootfs, the mountpoints in the container's own mountinfo
// begin with /rootfs, those in the host's mountinfo do not.
LocatedMount locate(Mount mount, const std::string& root) {
  if (root == "/") {
    std::filesystem::path directory = mount.mountpoint;
    return {std::move(mount), std::move(directory)};
  }
  if (mount.mountpoint != root && !mount.mountpoint.starts_with(root + "/")) {
    std::filesystem::path directory = root + mount.mountpoint;
    return {std::move(mount), std::move(directory)};
  }
  const std::filesystem::path directory = mount.mountpoint;
  mount.mountpoint.erase(0, root.size());
  if (mount.mountpoint.empty()) mount.mountpoint = "/";
  return {std::move(mount), directory};
}

}  // namespace

void MountSelection::add(const MountLine& line) {
  // All container engines mount this file.
  is_container_ |= line.mountpoint == "/etc/hosts";
  has_root_ |= root_ != "/" && line.mountpoint == root_;
  if (!is_reported(line)) return;
  const DeviceNumber number(line.device_major, line.device_minor);
  auto device = devices_.find(number);
  if (device == devices_.end()) {
    if (devices_.size() >= max_filesystems_) {
      left_out_.insert(number);
      return;
    }
    device = devices_.try_emplace(number).first;
  }
  auto& mounts = device->second;
  LocatedMount mount = locate(line.decoded(), root_);
  mounts.insert(std::upper_bound(mounts.begin(), mounts.end(), mount, is_preferred),
                std::move(mount));
  if (mounts.size() > kMaxMounts) mounts.pop_back();
}

}  // namespace rig
