// The metrics of the memory collector.
#pragma once

#include <span>

#include "host/meminfo.h"
#include "host/memory_sysfs.h"
#include "host/vmstat.h"
#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> memory_metrics();

void add_meminfo(Samples& samples, const Meminfo& memory);

// The kernel counts swapped pages: `page_bytes` is the size of one.
void add_vmstat(Samples& samples, const Vmstat& vmstat, double page_bytes);

// Nothing for a machine with one node: it would say again what meminfo says.
void add_numa_nodes(Samples& samples, const NumaNodes& found);

void add_hugepage_pools(Samples& samples, const HugepagePools& found);

void add_memory_controllers(Samples& samples, const MemoryControllers& found);

}  // namespace rig
