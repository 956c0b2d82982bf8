// What sysfs says of the memory: its nodes, the pools of huge pages, the errors that ECC found.
// What is not there is not in the result; what cannot be read or makes no sense is a problem.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/meminfo.h"

namespace rig {

// /sys/devices/system/node/nodeN/meminfo. Documentation/ABI/stable/sysfs-devices-node. Only nodes
// that are online have a folder. A node may have CPUs and no memory: it has 0 bytes.
struct NumaNode {
  std::string node;  // "0"
  Meminfo memory;
};
struct NumaNodes {
  std::vector<NumaNode> nodes;
  std::vector<std::string> problems;
};
NumaNodes read_numa_nodes(const std::filesystem::path& sys);

// /sys/kernel/mm/hugepages/hugepages-NkB. Documentation/admin-guide/mm/hugetlbpage.rst.
struct HugepagePool {
  unsigned long long page_bytes = 0;
  std::optional<double> bytes;           // nr_hugepages, surplus pages included
  std::optional<double> free_bytes;      // free_hugepages
  std::optional<double> reserved_bytes;  // resv_hugepages: free still, but promised
};
struct HugepagePools {
  std::vector<HugepagePool> pools;
  std::vector<std::string> problems;
};
HugepagePools read_hugepage_pools(const std::filesystem::path& sys);

// /sys/devices/system/edac/mc/mcN. Documentation/ABI/testing/sysfs-devices-edac. There is none
// without ECC memory and an EDAC driver for its controller. The counts begin at 0 with the driver
// and when someone writes to reset_counters; they include errors of which the controller could not
// tell the DIMM (ce_noinfo_count, ue_noinfo_count).
struct MemoryController {
  std::string name;                     // "mc0"
  std::optional<double> correctable;    // ce_count
  std::optional<double> uncorrectable;  // ue_count
};
struct MemoryControllers {
  std::vector<MemoryController> controllers;
  std::vector<std::string> problems;
};
// May block: the files are a driver's.
MemoryControllers read_memory_controllers(const std::filesystem::path& sys);

}  // namespace rig
