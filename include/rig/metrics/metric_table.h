// The table of all declared metrics: rig_exporter --list-metrics, and the README's.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rig/metrics/metric.h"

namespace rig {

struct MetricGroup {
  std::string_view collector;
  std::span<const MetricInfo* const> metrics;
};

// Markdown, sorted by name: what the collectors declare and what every answer has besides.
std::string metric_table(std::span<const MetricGroup> groups);

}  // namespace rig
