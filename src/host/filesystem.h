// How full a mounted filesystem is, by statfs(2).
#pragma once

#include <filesystem>
#include <optional>

namespace rig {

struct FilesystemView {
  unsigned device_major = 0;  // st_dev of the folder: a subvolume's own number on btrfs
  unsigned device_minor = 0;
  bool is_btrfs = false;
  double size_bytes = 0;
  double free_bytes = 0;
  double available_bytes = 0;  // to everybody but root
  // Absent where inodes are not counted (vfat, btrfs).
  std::optional<double> files;
  std::optional<double> files_free;
};

// What is mounted at `folder`, or above it. Absent when there is no such folder, when it is none,
// or when this process may not look at it; any other refusal is a ReadError. Hangs as long as the
// filesystem does.
std::optional<FilesystemView> look_at_filesystem(const std::filesystem::path& folder);

}  // namespace rig
