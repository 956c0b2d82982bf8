// What ext4 has counted of a filesystem that is mounted: /sys/fs/ext4/NAME
// (Documentation/ABI/testing/sysfs-fs-ext4). Of ext2 and ext3, too, which its driver mounts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rig {

struct Ext4ErrorsText {
  std::filesystem::path folder;
  std::optional<std::string> errors;
  std::optional<std::string> warnings;
  std::vector<std::string> problems;  // "PATH: Input/output error"
};

// Of the filesystem on that block device. The kernel has these counts in memory and asks no disk.
Ext4ErrorsText read_ext4_errors(const std::filesystem::path& sys, unsigned device_major,
                                unsigned device_minor);

struct Ext4Errors {
  std::optional<std::uint64_t> errors;    // kept in the superblock: since the last e2fsck
  std::optional<std::uint64_t> warnings;  // since it was mounted; newer kernels only
  std::vector<std::string> problems;
};

Ext4Errors parse_ext4_errors(const Ext4ErrorsText& text);

}  // namespace rig
