// The roots of the host's files: the only place with the literals /proc and /sys.
#pragma once

#include <filesystem>

namespace rig {

struct RootPaths {
  std::filesystem::path proc = "/proc";  // --path.procfs
  std::filesystem::path sys = "/sys";    // --path.sysfs
  std::filesystem::path root = "/";      // --path.rootfs: of the host's /etc, /usr and mounts

  // True for the real sysfs, the only one that librocm_smi64 can read.
  bool is_live_sysfs() const { return sys == "/sys"; }
};

}  // namespace rig
