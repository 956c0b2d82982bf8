// The metrics of the CPU collector, and the conversion to samples.
#pragma once

#include <span>

#include "host/cpu_topology.h"
#include "host/cpuinfo.h"
#include "host/loadavg.h"
#include "host/proc_stat.h"
#include "rig/metrics/samples.h"

namespace rig {

// Including those of cpu_sensor_metrics.h.
std::span<const MetricInfo* const> cpu_metrics();

// Everything in /proc/stat but the time of the CPUs.
void add_proc_stat(Samples& samples, const ProcStat& stat);
void add_cpu_time(Samples& samples, const CpuTicks& cpu, double ticks_per_second);
void add_loadavg(Samples& samples, const LoadAverage& load);
void add_cpu_info(Samples& samples, const CpuModel& cpu, const CpuTopology& topology);

}  // namespace rig
