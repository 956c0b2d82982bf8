#pragma once

#include "rig/metrics/metric.h"

namespace rig {
inline constexpr auto kFilesystemSize =
    gauge("rig_filesystem_size_bytes", Unit::bytes, "x.", "mountpoint");
inline constexpr auto kFilesystemReadonly =
    gauge("rig_filesystem_readonly", Unit::none, "x.", "mountpoint");

}  // namespace rig
