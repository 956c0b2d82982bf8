// /proc/meminfo: memory usage. Documentation/filesystems/proc.rst in the kernel sources, "meminfo".
// The meminfo of a NUMA node (see numa_nodes.h) has fewer lines, each prefixed with "Node N".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

// Fields are absent if the kernel does not print the line: MemAvailable needs Linux 3.14, huge
// pages a kernel with support for them.
struct Meminfo {
  std::optional<double> total_bytes;
  std::optional<double> free_bytes;
  std::optional<double> used_bytes;  // MemUsed: not free; only in the meminfo of a NUMA node
  std::optional<double> available_bytes;
  std::optional<double> buffers_bytes;
  std::optional<double> cached_bytes;
  std::optional<double> shmem_bytes;
  std::optional<double> slab_reclaimable_bytes;
  std::optional<double> slab_unreclaimable_bytes;
  std::optional<double> dirty_bytes;
  std::optional<double> writeback_bytes;
  std::optional<double> anonymous_bytes;
  std::optional<double> mapped_bytes;
  std::optional<double> committed_bytes;
  std::optional<double> commit_limit_bytes;
  std::optional<double> hugepages_total_bytes;  // HugePages_Total * Hugepagesize, the default size
  std::optional<double> hugepages_free_bytes;
  std::optional<double> swap_total_bytes;
  std::optional<double> swap_free_bytes;
  std::vector<std::string> malformed;  // lines with one of these names but without a valid amount
  std::vector<std::string_view> missing;  // names of lines without which the text is incomplete
};

Meminfo parse_meminfo(std::string_view text);

// Removes amounts that are larger than the total that includes them.
std::vector<Problem> remove_implausible(Meminfo& memory, const std::string& file);

}  // namespace rig
