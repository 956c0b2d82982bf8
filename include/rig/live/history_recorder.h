// Records samples in a History: those of the metrics in src/live/recorded_metrics.h.
#pragma once

#include <memory>

#include "rig/live/history.h"
#include "rig/metrics/sample_recorder.h"

namespace rig {

std::shared_ptr<SampleRecorder> make_history_recorder(std::shared_ptr<History> history);

}  // namespace rig
