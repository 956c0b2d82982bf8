// Which filesystems are shown: every one that a block device holds, once for each device.
//  - Only mounts whose source is below /dev/ and whose superblock has a device number; btrfs has
//    none, since it may span devices, and is taken too. Loop devices count like others.
//  - Not the read-only image formats (squashfs of snaps, iso9660, …): always full, never a worry.
//  - Of several mounts of one device (bind mounts, subvolumes) the one that people know it by: "/",
//    else a mount of all of it, else the shortest mountpoint, else the first.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "host/mountinfo.h"

namespace rig {

struct LocatedMount {
  Mount mount;                   // its mountpoint is the host's name for it
  std::filesystem::path folder;  // where this process finds it
};

using DeviceNumber = std::pair<unsigned, unsigned>;

// The mounts of each device, the best first. `root` is where this process has the host's root.
std::map<DeviceNumber, std::vector<LocatedMount>> mounts_by_device(std::vector<Mount> mounts,
                                                                   const std::string& root);

}  // namespace rig
