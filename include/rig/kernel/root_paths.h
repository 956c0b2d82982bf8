// Where the machine's own files are: the literals /proc and /sys stand here and nowhere else.
#pragma once

#include <filesystem>

namespace rig {

struct RootPaths {
  std::filesystem::path proc = "/proc";  // --path.procfs
  std::filesystem::path sys = "/sys";    // --path.sysfs
  std::filesystem::path root = "/";  // --path.rootfs: where the host's /etc, /usr and mounts are

  // True when `sys` is the kernel's own: librocm_smi64 can read no other.
  bool is_live_sysfs() const { return sys == "/sys"; }
};

}  // namespace rig
