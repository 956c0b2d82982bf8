// Errors and warnings of a mounted ext4 filesystem: /sys/fs/ext4/NAME
// (Documentation/ABI/testing/sysfs-fs-ext4). Also ext2 and ext3, which the ext4 driver mounts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

struct Ext4Errors {
  std::optional<std::uint64_t> errors;    // since the last e2fsck; kept in the superblock
  std::optional<std::uint64_t> warnings;  // since the filesystem was mounted; recent kernels only
  std::vector<Problem> problems;
};

// The filesystem on the given block device. Sends no command to the disk: the kernel keeps these
// counts in memory.
Ext4Errors read_ext4_errors(const std::filesystem::path& sys, unsigned device_major,
                            unsigned device_minor);

}  // namespace rig
