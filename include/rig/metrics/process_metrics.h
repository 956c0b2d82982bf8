// The usual process_* metrics of a Prometheus client, of this process: read from /proc/self, never
// from --path.procfs, which may be another machine's.
#pragma once

#include <span>

#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> process_metrics();

void add_process_metrics(Samples& samples);

}  // namespace rig
