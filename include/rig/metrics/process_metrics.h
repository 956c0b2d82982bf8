// The exporter's own metrics: what was built, and the usual process_* of every Prometheus client,
// read from the kernel's own /proc/self (never from --path.procfs, which may be a played-back
// machine's).
#pragma once

#include <span>

#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> process_metrics();

void add_process_metrics(Samples& samples);

}  // namespace rig
