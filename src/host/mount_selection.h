// Selects the filesystems to report: those on block devices (including loop devices), once per
// device.
//  - The source must be below /dev/ and the superblock must have a device number; btrfs, which has
//    none because it may span devices, is included.
//  - Read-only image formats (squashfs, iso9660, ...) are excluded: they are always full.
//  - Of several mounts of a device (bind mounts, subvolumes) the preferred one is "/", then a mount
//    of the whole filesystem, then the shortest mountpoint, then the first.
#pragma once

#include <filesystem>
#include <map>
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

// The mounts by device, the preferred one first. `root`: the host's root filesystem
// (--path.rootfs).
std::map<DeviceNumber, std::vector<LocatedMount>> select_mounts(std::vector<Mount> mounts,
                                                                const std::string& root);

}  // namespace rig
