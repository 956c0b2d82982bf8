// Converts CPU frequencies, throttle counts, temperatures and energy to samples.
#pragma once

#include <span>
#include <variant>

#include "host/cpu_frequency.h"
#include "host/cpu_temperature.h"
#include "host/cpu_throttles.h"
#include "host/powercap.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> cpu_sensor_metrics();

// The result of one of the reads that may hang.
using CpuSensors = std::variant<CpuFrequencies, CpuThrottles, CpuTemperatures, EnergyZones>;

// Adds the samples and problems of one read. `energy` keeps the state of the energy counters
// between scrapes.
void add_cpu_sensors(Samples& samples, const CpuSensors& sensors, EnergyTotals& energy);

}  // namespace rig
