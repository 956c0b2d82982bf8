#include "host/filesystem_usage.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <system_error>

#include "rig/kernel/files.h"

namespace rig {
namespace {

// Handles errno of a failed call: absent, or throws ReadError.
std::optional<FilesystemUsage> handle_error(const std::filesystem::path& directory) {
  const int error_number = errno;
  if (error_number == ENOENT || error_number == ENOTDIR || error_number == EACCES ||
      error_number == EPERM)
    return std::nullopt;
  throw ReadError(directory, std::generic_category().message(error_number), error_number);
}

}  // namespace

std::optional<FilesystemUsage> stat_filesystem(const std::filesystem::path& directory) {
  // stat(2) comes second: if the filesystem is unmounted in between, the device number is not the
  // expected one. An open descriptor would avoid the race, but keep the filesystem busy.
  struct statfs space {};
  if (statfs(directory.c_str(), &space) != 0) return handle_error(directory);
  struct stat status {};
  if (stat(directory.c_str(), &status) != 0) return handle_error(directory);
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
