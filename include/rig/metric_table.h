// The table of all declared metrics: rig_exporter --list-metrics, and the README's.
#pragma once

#include <span>
#include <string>

#include "rig/collector.h"

namespace rig {

// Markdown, sorted by name: what the collectors declare and what every answer has besides.
std::string metric_table(std::span<const CollectorInfo> collectors);

}  // namespace rig
