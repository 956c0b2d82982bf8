// The metrics of md arrays.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "raid/raid_array.h"
#include "raid/raid_assessment.h"
#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> raid_metrics();

void add_array(Samples& samples, const RaidArray& array, const RaidAssessment& assessment);

// Whether an array exists. An array that is expected but absent is not usable either.
void add_array_present(Samples& samples, const std::string& array, bool present);

// Number of arrays without containers.
void add_array_count(Samples& samples, std::optional<double> count);

}  // namespace rig
