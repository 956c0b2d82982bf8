#include "host/filesystem_usage.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace rig {
namespace {

ReadResult<FilesystemUsage> result_for_errno(const std::filesystem::path& directory,
                                             int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case EPERM:
      return std::nullopt;
    default:
      return Problem::from_errno(directory, error_number);
  }
}

}  // namespace

ReadResult<FilesystemUsage> stat_filesystem(const std::filesystem::path& directory) {
  // stat(2) comes second: if the filesystem is unmounted in between, the device number is not the
  // expected one. An open descriptor would avoid the race, but keep the filesystem busy.
  struct statfs space {};
  if (statfs(directory.c_str(), &space) != 0) return result_for_errno(directory, errno);
  struct stat status {};
  if (stat(directory.c_str(), &status) != 0) return result_for_errno(directory, errno);
  if (!S_ISDIR(status.st_mode)) return std::nullopt;

  const auto block_bytes = static_cast<double>(space.f_frsize);
  FilesystemUsage usage{.device_major = major(status.st_dev),
                        .device_minor = minor(status.st_dev),
                        .is_btrfs = space.f_type == BTRFS_SUPER_MAGIC,
                        .size_bytes = static_cast<double>(space.f_blocks) * block_bytes,
                        .free_bytes = static_cast<double>(space.f_bfree) * block_bytes,
                        .available_bytes = static_cast<double>(space.f_bavail) * block_bytes,
                        .files = std::nullopt,
                        .files_free = std::nullopt};
  if (space.f_files != 0) {
    usage.files = static_cast<double>(space.f_files);
    usage.files_free = static_cast<double>(space.f_ffree);
  }
  return usage;
}

}  // namespace rig
