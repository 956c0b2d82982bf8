// The fields of a GPU that sysfs files contain as single values: those with .sysfs in
// gpu_fields.def.
#pragma once

#include <string_view>

#include "gpu_probe/sysfs/field_reader.h"
#include "rig/gpu_protocol/gpu_fields.h"

namespace rig {

// Reads the fields with this refresh into `values`. `hwmon` is the GPU's directory in
// DEVICE/hwmon, for example "hwmon2"; empty: it has none.
void read_fields(FieldReader& device, std::string_view hwmon, Refresh refresh, GpuReading& values);

// Removes every number outside the range of its field, whatever it was read from, with a problem.
void remove_implausible(GpuReading& reading);
// Copies the fields that do not change, whether read_fields() read them or not.
void copy_constant_fields(const GpuReading& from, GpuReading& to);

}  // namespace rig
