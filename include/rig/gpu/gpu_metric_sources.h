// Where each metric of gpu_families.h comes from, and on which cards it exists: for people who miss
// one. A metric without an entry here fails a test.
#pragma once

#include <span>
#include <string_view>

#include "rig/metrics/metric.h"

namespace rig {

struct GpuMetricSource {
  const MetricInfo* metric;
  // Files below SYS/class/drm/CARD/device that it is read from, parted by blanks; a * stands for
  // any part of a name. Empty: it is read from no file of the card's own.
  std::string_view files;
  std::string_view where;  // on which cards, or when, it exists
};

// In the order of the families.
std::span<const GpuMetricSource> gpu_metric_sources();

// Null when it is no metric of the GPUs.
const GpuMetricSource* gpu_metric_source(std::string_view metric_name);

}  // namespace rig
