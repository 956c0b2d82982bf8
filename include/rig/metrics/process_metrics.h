// The standard process_* metrics of Prometheus client libraries, for this process: read from
// /proc/self, never from --path.procfs, which may belong to another machine.
#pragma once

#include <span>

#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> process_metrics();

void add_process_metrics(Samples& samples);

}  // namespace rig
