// /proc/PID/mountinfo: the mounts in the mount namespace of a process.
// Documentation/filesystems/proc.rst in the kernel sources, section 3.5.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rig {

// Escape sequences of the kernel (\040 for a space) are decoded.
struct Mount {
  unsigned device_major = 0;  // st_dev of the superblock; 0 without a block device, for btrfs, zfs
  unsigned device_minor = 0;
  std::string root;        // the directory of the filesystem that is mounted; "/": all of it
  std::string mountpoint;  // relative to the root directory of the process
  std::string fstype;
  std::string source;
  std::string super_options;  // per superblock; those of the mount stay "rw" after errors

  // True if the filesystem accepts no writes through any mount, because it was mounted read-only or
  // because of errors.
  bool superblock_readonly() const;

  // True if a directory is mounted for certain, and not a single file that a container got from its
  // host (/etc/hosts): all of the filesystem, the root directory of the process, a btrfs subvolume
  // as a whole ("subvol=/@" with the root "/@"), or a directory that ostree deploys
  // ("/ostree/deploy/fedora/var", "/ostree/deploy/fedora/deploy/COMMIT.0").
  bool is_whole_tree() const;
};

// A line of mountinfo; points into it. A machine may have 60,000 mounts, most of which are not
// reported, so that only the others are decoded.
struct MountLine {
  unsigned device_major = 0;
  unsigned device_minor = 0;
  std::string_view root;
  std::string_view mountpoint;
  std::string_view fstype;
  std::string_view source;
  std::string_view super_options;

  Mount decoded() const;
};

// std::nullopt if malformed. The line is without its newline.
std::optional<MountLine> parse_mount_line(std::string_view line);

}  // namespace rig
