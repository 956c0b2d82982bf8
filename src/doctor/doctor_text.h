// What the doctor says, as plain text of at most 100 columns.
#pragma once

#include <span>
#include <string>

#include "doctor/checks.h"
#include "doctor/finding.h"

namespace rig {

// How many things are wrong, then what is wrong, what is worth knowing, what is well, and the
// metrics of each card; cards with the same metrics are told together. What a device wrote is shown
// without its control characters.
std::string doctor_text(std::span<const Finding> findings, std::span<const CardMetrics> cards);

}  // namespace rig
