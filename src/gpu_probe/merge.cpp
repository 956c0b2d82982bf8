#include "gpu_probe/merge.h"

#include "rig/gpu_protocol/gpu_fields.h"

namespace rig {
namespace {

void replace(std::optional<double>& value, const std::optional<double>& preferred,
             const Range& plausible) {
  if (preferred && plausible.contains(*preferred)) value = preferred;
}

void replace(LabeledNumbers& values, const LabeledNumbers& preferred, const Range& plausible) {
  for (const auto& [key, value] : preferred) {
    if (plausible.contains(value)) values[key] = value;
  }
}

void replace(std::optional<std::string>& value, const std::optional<std::string>& preferred,
             const Range& /*unused*/) {
  if (preferred) value = preferred;
}

// The library reads no value of another type.
template <typename T>
void replace(T& /*unused*/, const T& /*unused*/, const Range& /*unused*/) {}

}  // namespace

GpuReading merged(GpuReading sysfs, const GpuReading& library) {
  for_each_gpu_field([&](const auto& field) {
    if (!field.rocm_smi.empty())
      replace(sysfs.*field.member, library.*field.member, field.plausible());
  });
  return sysfs;
}

}  // namespace rig
