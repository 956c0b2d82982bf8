// What a card's table gpu_metrics adds to a reading.
#pragma once

#include "field_reader.h"
#include "rig/gpu_reading.h"

namespace rig {

// Reads the table once and fills what the reading does not have yet. An implausible value is
// dropped and counted.
void read_gpu_metrics(FieldReader& device, GpuReading& reading);

}  // namespace rig
