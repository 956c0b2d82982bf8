// The metrics of the RAID collector.
#pragma once

#include <span>
#include <vector>

#include "raid/raid_array.h"
#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> raid_metrics();

void add_array(Samples& samples, const RaidArray& array);

// Whether an array is there; one that is expected and absent is not usable either.
void add_array_present(Samples& samples, const std::string& array, bool present);

// How many arrays the kernel lists, without containers.
void add_array_count(Samples& samples, std::optional<double> count);

}  // namespace rig
