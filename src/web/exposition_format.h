// Which format of the metrics a client prefers.
#pragma once

#include <string_view>

#include "rig/metrics/exposition_text.h"

namespace rig {

// OpenMetrics for a client whose Accept header (RFC 9110, 12.5.1) names it with a higher weight
// than the text format, as Prometheus' does; else the text format, also if the client accepts
// neither.
ExpositionFormat preferred_format(std::string_view accept);

}  // namespace rig
