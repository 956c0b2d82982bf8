// What a card's table gpu_metrics adds to a reading.
#pragma once

#include "gpu_probe/sysfs/field_reader.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// What earlier tables of a card have told of it.
struct GpuMetricsHabits {
  // Some firmware counts busy in hundredths of a percent: small values of it look like percent.
  bool busy_in_hundredths = false;
};

// Reads the table once and fills what the reading does not have yet. An implausible value is
// dropped and counted. False when the table is there and could not be read: another origin of a
// counter that it has must not stand in for it then.
bool read_gpu_metrics(FieldReader& device, GpuMetricsHabits& habits, GpuReading& reading);

}  // namespace rig
