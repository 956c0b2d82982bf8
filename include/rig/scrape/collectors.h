// The collectors there are. A new one is one function here, one line in the list in
// src/collectors.cpp and one file.
#pragma once

#include <span>

#include "rig/scrape/collector.h"

namespace rig {

CollectorInfo cpu_collector();         // src/host/cpu_collector.cpp
CollectorInfo disk_collector();        // src/disk/disk_collector.cpp
CollectorInfo filesystem_collector();  // src/host/filesystem_collector.cpp
CollectorInfo gpu_collector();         // src/gpu/gpu_collector.cpp
CollectorInfo host_collector();        // src/host/host_collector.cpp
CollectorInfo memory_collector();      // src/host/memory_collector.cpp
CollectorInfo pressure_collector();    // src/host/pressure_collector.cpp
CollectorInfo raid_collector();        // src/raid/raid_collector.cpp

// All of them, by name.
std::span<const CollectorInfo> all_collectors();

}  // namespace rig
