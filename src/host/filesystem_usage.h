// Space and inodes of a mounted filesystem, from statfs(2).
#pragma once

#include <filesystem>
#include <optional>

#include "rig/kernel/read_result.h"

namespace rig {

struct FilesystemUsage {
  unsigned device_major = 0;  // st_dev of the directory; on btrfs it differs for each subvolume
  unsigned device_minor = 0;
  bool is_btrfs = false;
  double size_bytes = 0;
  double free_bytes = 0;
  double available_bytes = 0;  // to unprivileged users
  // Absent if the filesystem does not count inodes (vfat, btrfs).
  std::optional<double> files;
  std::optional<double> files_free;
};

// The filesystem that `directory` is on. Absent if it does not exist, is not a directory, or this
// process may not access it. Hangs if the filesystem does.
ReadResult<FilesystemUsage> stat_filesystem(const std::filesystem::path& directory);

}  // namespace rig
