// The metrics of filesystems that the doctor queries; the others are declared in the files that add
// their samples.
#pragma once

#include "rig/metrics/metric.h"

namespace rig {

inline constexpr auto kFilesystemSize =
    gauge("rig_filesystem_size_bytes", Unit::bytes, "Size of the filesystem.", "device",
          "mountpoint", "fstype");

inline constexpr auto kFilesystemReadonly =
    gauge("rig_filesystem_readonly", Unit::none,
          "1 if the filesystem accepts no writes, because it was mounted read-only or the kernel "
          "made it read-only after errors; 0 otherwise.",
          "device", "mountpoint", "fstype");

}  // namespace rig
