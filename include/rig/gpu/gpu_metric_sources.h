// Which files each metric of the GPUs is read from, and which GPUs have it: explains missing
// metrics.
#pragma once

#include <span>
#include <string_view>

#include "rig/gpu/gpu_families.h"

namespace rig {

// In the order of kGpuMetrics.
std::span<const GpuMetricSource> gpu_metric_sources();

// nullptr if it is not a metric of the GPUs.
const GpuMetricSource* gpu_metric_source(std::string_view metric_name);

}  // namespace rig
