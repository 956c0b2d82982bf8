// Selects the filesystems to report: those on disks (including loop devices), once per device
// number.
//  - The source must be below /dev/ and the superblock must have the number of a block device.
//    btrfs, bcachefs and zfs, which may span disks, are included with any number and source
//    ("tank",
//    "/dev/sdb1:/dev/sdb3"); each dataset of a ZFS pool has its own number. Network filesystems,
//    overlay, tmpfs and FUSE are left out.
//  - Read-only image formats (squashfs, iso9660, ...) and snapshots of ZFS are excluded: they are
//    always full and read-only.
//  - Of several mounts of a device (bind mounts, subvolumes) the preferred one is "/", then a mount
//    of the whole filesystem, then one of a directory for certain, then the shortest mountpoint,
//    then the first.
//
// The memory that it needs is bounded by the number of filesystems, not by the number of mounts.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/mountinfo.h"

namespace rig {

struct LocatedMount {
  Mount mount;                      // with the mountpoint as on the host
  std::filesystem::path directory;  // the mountpoint as seen by this process
};

using DeviceNumber = std::pair<unsigned, unsigned>;
// The mounts by device, the preferred one first.
using Devices = std::map<DeviceNumber, std::vector<LocatedMount>>;

class MountSelection {
 public:
  // `root`: the host's root filesystem (--path.rootfs). At most `max_filesystems` are selected:
  // those that come first, which are usually those that were mounted first.
  MountSelection(std::string root, std::size_t max_filesystems)
      : root_(std::move(root)), max_filesystems_(max_filesystems) {}

  // In the order of mountinfo.
  void add(const MountLine& line);

  const Devices& devices() const { return devices_; }
  // The number of filesystems that were left out because of the limit.
  std::size_t left_out() const { return left_out_.size(); }
  // True if the mounts are those of a container without the host's root filesystem.
  bool lacks_root() const { return is_container_ && !has_root_; }

 private:
  const std::string root_;
  const std::size_t max_filesystems_;
  Devices devices_;
  std::set<DeviceNumber> left_out_;
  bool is_container_ = false;
  bool has_root_ = false;
};

}  // namespace rig
