// Pools of huge pages: /sys/kernel/mm/hugepages/hugepages-NkB.
// Documentation/admin-guide/mm/hugetlbpage.rst in the kernel sources.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

struct HugepagePool {
  unsigned long long page_bytes = 0;
  std::optional<double> bytes;           // nr_hugepages, including surplus pages
  std::optional<double> free_bytes;      // free_hugepages, including reserved pages
  std::optional<double> reserved_bytes;  // resv_hugepages: reserved by programs, not yet used
};

struct HugepagePools {
  std::vector<HugepagePool> pools;  // empty if the kernel has no huge pages
  std::vector<Problem> problems;
};

HugepagePools read_hugepage_pools(const std::string& sys);

}  // namespace rig
