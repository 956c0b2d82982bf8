#include "gpu_probe/merge.h"

#include "gpu_probe/sysfs/plausible.h"

namespace rig {
namespace {

void take(std::optional<double>& value, const std::optional<double>& better,
          const Range& plausible) {
  if (better && plausible.contains(*better)) value = better;
}

void take(std::map<std::string, double>& values, const std::map<std::string, double>& better,
          const Range& plausible) {
  for (const auto& [key, value] : better) {
    if (plausible.contains(value)) values[key] = value;
  }
}

}  // namespace

GpuReading merged(GpuReading sysfs, const GpuReading& library) {
  take(sysfs.temperature_celsius, library.temperature_celsius, kPlausibleCelsius);
  take(sysfs.power_watts, library.power_watts, kPlausibleWatts);
  take(sysfs.power_cap_watts, library.power_cap_watts, kPlausibleWatts);
  take(sysfs.clock_hertz, library.clock_hertz, kPlausibleHertz);
  take(sysfs.fan_rpm, library.fan_rpm, kPlausibleRpm);
  take(sysfs.fan_ratio, library.fan_ratio, kPlausibleRatio);
  if (library.performance_level) sysfs.performance_level = library.performance_level;
  take(sysfs.memory_size_bytes, library.memory_size_bytes, kPlausibleBytes);
  take(sysfs.memory_used_bytes, library.memory_used_bytes, kPlausibleBytes);
  return sysfs;
}

}  // namespace rig
