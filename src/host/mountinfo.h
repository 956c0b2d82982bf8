// /proc/PID/mountinfo: what is mounted where. Documentation/filesystems/proc.rst of the kernel,
// "3.5".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rig {

// One mount. Blanks, tabs, newlines and backslashes, which the kernel writes as \040 and so on, are
// themselves here.
struct Mount {
  unsigned device_major = 0;  // of the superblock; 0 for one without a block device, and for btrfs
  unsigned device_minor = 0;
  std::string root;           // the part of the filesystem that is mounted: "/" is all of it
  std::string mountpoint;     // as seen from the root of the process
  std::string mount_options;  // this mount's own: stay rw when the filesystem gives up
  std::string fstype;
  std::string source;
  std::string super_options;  // the filesystem's

  // The filesystem takes no writes, whatever this mount's own options say: mounted so, or given up.
  bool superblock_readonly() const;
};

struct Mountinfo {
  std::vector<Mount> mounts;
  std::vector<std::string> senseless;  // lines that name no mount
};

Mountinfo parse_mountinfo(std::string_view text);

}  // namespace rig
