// Adds the values of a GPU's table gpu_metrics to a reading.
#pragma once

#include "gpu_probe/sysfs/field_reader.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// What earlier tables of a GPU have revealed about its firmware.
struct GpuMetricsQuirks {
  // Some firmware reports activity in hundredths of a percent, whose small values look like
  // percent.
  bool busy_in_hundredths = false;
  // The tables of GPUs without a fan have the speed 0.
  bool has_fan = false;
};

// Less than any awake GPU draws; a power below it is unknown.
inline constexpr double kLeastWatts = 0.3;

// Reads the table once and sets the values that the reading does not have yet. Implausible values
// are dropped and counted as read errors. Returns false if the table exists and could not be read:
// the value of a counter in it must not be taken from another file then.
bool read_gpu_metrics(FieldReader& device, GpuMetricsQuirks& quirks, GpuReading& reading);

// The same for the clocks and utilizations in xcp/xcp_metrics. It has only values that gpu_metrics
// has as well, of the first compute partition: where it is the only one, it replaces a gpu_metrics
// without them. Its counters have other widths than those of gpu_metrics and are not used.
void read_partition_metrics(FieldReader& device, GpuReading& reading);

}  // namespace rig
