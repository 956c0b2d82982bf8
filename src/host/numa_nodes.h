// Memory of the NUMA nodes: /sys/devices/system/node/nodeN/meminfo.
// Documentation/ABI/stable/sysfs-devices-node in the kernel sources.
#pragma once

#include <string>
#include <vector>

#include "host/meminfo.h"
#include "rig/kernel/problem.h"

namespace rig {

struct NumaNode {
  std::string node;  // "0"
  Meminfo memory;    // all 0 for a node with CPUs only
};

struct NumaNodes {
  std::vector<NumaNode> nodes;  // online nodes; empty if the kernel has no NUMA support
  std::vector<Problem> problems;
};

NumaNodes read_numa_nodes(const std::string& sys);

}  // namespace rig
