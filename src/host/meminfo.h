// /proc/meminfo: where the memory is. Documentation/filesystems/proc.rst of the kernel, "meminfo".
// The meminfo of a NUMA node (see memory_sysfs.h) has fewer lines, each with "Node 0" before it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// The kernel's kB are 1024 bytes. Absent: a line that this kernel does not print (MemAvailable came
// with 3.14, huge pages can be left out when it is built).
struct Meminfo {
  std::optional<double> total_bytes;
  std::optional<double> free_bytes;
  std::optional<double> used_bytes;  // MemUsed, only of a node: what is not free
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
  std::optional<double> hugepages_total_bytes;  // HugePages_Total x Hugepagesize: the default size
  std::optional<double> hugepages_free_bytes;
  std::optional<double> swap_total_bytes;
  std::optional<double> swap_free_bytes;
  std::vector<std::string> senseless;  // lines with one of these names and no number
};

Meminfo parse_meminfo(std::string_view text);

}  // namespace rig
