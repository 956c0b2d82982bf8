// Limits the number and the size of what one line of rig_gpu_probe contains (gpu_limits.h).
#pragma once

#include "rig/gpu_protocol/probe_line.h"

namespace rig {

// Leaves out what exceeds a limit, and shortens texts. A reading gets a problem that says so. The
// number of GPUs in a list is limited by SnapshotStore, which remembers how many were left out.
ProbeLine limited_line(ProbeLine line);

}  // namespace rig
