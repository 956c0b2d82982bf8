// The list of collectors. To add one, add a line here and a source file that defines its function:
// CollectorInfo NAME_collector().
#pragma once

#include "rig/scrape/collector.h"

// Sorted by name, each with the file that defines it.
// clang-format off
#define RIG_COLLECTORS(X)                           \
  X(cpu)         /* host/cpu_collector.cpp */        \
  X(disk)        /* disk/disk_collector.cpp */       \
  X(filesystem)  /* host/filesystem_collector.cpp */ \
  X(gpu)         /* gpu/gpu_collector.cpp */         \
  X(host)        /* host/host_collector.cpp */       \
  X(memory)      /* host/memory_collector.cpp */     \
  X(pressure)    /* host/pressure_collector.cpp */   \
  X(raid)        /* raid/raid_collector.cpp */
// clang-format on

namespace rig {

#define RIG_DECLARE_COLLECTOR(name) CollectorInfo name##_collector();
RIG_COLLECTORS(RIG_DECLARE_COLLECTOR)
#undef RIG_DECLARE_COLLECTOR

}  // namespace rig
