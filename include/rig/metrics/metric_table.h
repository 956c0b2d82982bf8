// The table of all declared metrics: the output of rig_exporter --list-metrics, and
// docs/metrics.md.
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

// A Markdown table, sorted by name, of the metrics that the collectors declare and of those that
// every response contains in addition.
std::string metric_table(std::span<const MetricGroup> groups);

}  // namespace rig
