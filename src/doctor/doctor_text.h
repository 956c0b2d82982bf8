// The doctor's report, as plain text of at most 100 columns.
#pragma once

#include <span>
#include <string>

#include "doctor/checks.h"
#include "rig/doctor/finding.h"

namespace rig {

// A summary, then the problems, the notes, the checks without problems, and the metrics of each
// GPU; GPUs with the same metrics are listed together. Control characters in text from devices are
// removed.
std::string doctor_text(std::span<const Finding> findings, std::span<const GpuMetricList> gpus);

}  // namespace rig
