#include "host/filesystem.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <system_error>

#include "rig/kernel/files.h"

namespace rig {
namespace {

// Says that there is nothing to be seen, or throws. For a call that has just failed.
std::optional<FilesystemView> refused(const std::filesystem::path& folder) {
  const int error_number = errno;
  if (error_number == ENOENT || error_number == ENOTDIR || error_number == EACCES ||
      error_number == EPERM)
    return std::nullopt;
  throw ReadError(folder, std::generic_category().message(error_number), error_number);
}

}  // namespace

std::optional<FilesystemView> look_at_filesystem(const std::filesystem::path& folder) {
  // The identity comes second: were the filesystem unmounted in between, it would not be the
  // expected one. A descriptor would make the two one, but also keep people from unmounting.
  struct statfs usage {};
  if (statfs(folder.c_str(), &usage) != 0) return refused(folder);
  struct stat identity {};
  if (stat(folder.c_str(), &identity) != 0) return refused(folder);
  if (!S_ISDIR(identity.st_mode)) return std::nullopt;

  const auto block_bytes = static_cast<double>(usage.f_frsize);
  FilesystemView view{.device_major = major(identity.st_dev),
                      .device_minor = minor(identity.st_dev),
                      .is_btrfs = usage.f_type == BTRFS_SUPER_MAGIC,
                      .size_bytes = static_cast<double>(usage.f_blocks) * block_bytes,
                      .free_bytes = static_cast<double>(usage.f_bfree) * block_bytes,
                      .available_bytes = static_cast<double>(usage.f_bavail) * block_bytes,
                      .files = std::nullopt,
                      .files_free = std::nullopt};
  if (usage.f_files != 0) {
    view.files = static_cast<double>(usage.f_files);
    view.files_free = static_cast<double>(usage.f_ffree);
  }
  return view;
}

}  // namespace rig
