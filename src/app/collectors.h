// All collectors of the exporter.
#pragma once

#include <span>

#include "rig/scrape/collector.h"

namespace rig {

// Sorted by name (rig/scrape/collectors.h).
std::span<const CollectorInfo> all_collectors();

}  // namespace rig
