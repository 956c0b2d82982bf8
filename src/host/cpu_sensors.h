// What the CPUs' own sensors say, as samples.
#pragma once

#include <span>
#include <variant>

#include "host/cpu_frequency.h"
#include "host/cpu_sysfs.h"
#include "host/cpu_temperature.h"
#include "host/powercap.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> cpu_sensor_metrics();

// What any of the reads that may hang brings.
using CpuSensors = std::variant<CpuFrequencies, CpuThrottles, CpuTemperatures, EnergyZones>;

// Adds them, and what kept some from being read as problems. `energy` goes on where it was.
void add_cpu_sensors(Samples& samples, const CpuSensors& sensors, EnergyTotals& energy);

}  // namespace rig
