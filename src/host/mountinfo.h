// /proc/PID/mountinfo: the mounts in the mount namespace of a process.
// Documentation/filesystems/proc.rst in the kernel sources, section 3.5.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rig {

// Escape sequences of the kernel (\040 for a space) are decoded.
struct Mount {
  unsigned device_major = 0;  // st_dev of the superblock; 0 without a block device and for btrfs
  unsigned device_minor = 0;
  std::string root;           // the directory of the filesystem that is mounted; "/": all of it
  std::string mountpoint;     // relative to the root directory of the process
  std::string mount_options;  // per mount; still "rw" after the filesystem became read-only
  std::string fstype;
  std::string source;
  std::string super_options;  // per superblock

  // True if the filesystem accepts no writes through any mount, because it was mounted read-only or
  // because of errors.
  bool superblock_readonly() const;
};

struct Mountinfo {
  std::vector<Mount> mounts;
  std::vector<std::string> malformed;  // lines that could not be parsed
};

Mountinfo parse_mountinfo(std::string_view text);

}  // namespace rig
