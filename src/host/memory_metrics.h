// The metrics of the memory collector, and the conversion to samples.
#pragma once

#include <span>

#include "host/hugepage_pools.h"
#include "host/meminfo.h"
#include "host/memory_controllers.h"
#include "host/numa_nodes.h"
#include "host/vmstat.h"
#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> memory_metrics();

void add_meminfo(Samples& samples, const Meminfo& memory);

// `page_bytes`: the size of the pages in which the kernel counts swapping.
void add_vmstat(Samples& samples, const Vmstat& vmstat, double page_bytes);

// Adds nothing for a single node, which would only repeat /proc/meminfo.
void add_numa_nodes(Samples& samples, const NumaNodes& found);

void add_hugepage_pools(Samples& samples, const HugepagePools& found);

void add_memory_controllers(Samples& samples, const MemoryControllers& found);

}  // namespace rig
