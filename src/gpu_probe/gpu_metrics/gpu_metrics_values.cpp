#include "gpu_probe/gpu_metrics/gpu_metrics_values.h"

#include "gpu_probe/gpu_metrics/gpu_metrics.h"
#include "gpu_probe/sysfs/plausible.h"

namespace rig {
namespace {

constexpr std::string_view kFile = "gpu_metrics";

using Values = std::map<std::string, double>;

// Adds what is not there yet.
void add_new(FieldReader& device, const Values& found, const Range& range, Values& values) {
  for (const auto& [key, value] : found) {
    if (values.contains(key)) continue;
    if (const auto plausible = device.plausible(kFile, value, range)) values[key] = *plausible;
  }
}

// Where a card has no such sensor some firmware writes 0, which no part of a running card has.
Values without_zeros(Values values) {
  std::erase_if(values, [](const auto& entry) { return entry.second == 0; });
  return values;
}

void add_busy(FieldReader& device, const Values& busy, GpuMetricsHabits& habits,
              GpuReading& reading) {
  constexpr double kWhole = 1;
  for (const auto& [engine, ratio] : busy) {
    if (ratio > kWhole) habits.busy_in_hundredths = true;
  }
  if (habits.busy_in_hundredths) {
    ++reading.read_errors["unsupported"];
  } else {
    add_new(device, busy, kPlausibleRatio, reading.busy_ratio);
  }
}

void add_values(FieldReader& device, const GpuMetrics& metrics, GpuReading& reading) {
  add_new(device, without_zeros(metrics.temperature_celsius), kPlausibleCelsius,
          reading.temperature_celsius);
  add_new(device, without_zeros(metrics.voltage_volts), kPlausibleVolts, reading.voltage_volts);
  add_new(device, metrics.clock_hertz, kPlausibleHertz, reading.clock_hertz);
  if (!reading.power_watts)
    reading.power_watts = device.plausible(kFile, metrics.power_watts, kPlausibleWatts);
  reading.energy_joules = metrics.energy_joules;
  reading.throttled = throttled(metrics);
  reading.throttle_cycles = metrics.throttle_cycles;
  reading.counted_cycles = metrics.counted_cycles;
  reading.pcie_errors = metrics.pcie_errors;
  reading.xgmi_bytes = metrics.xgmi_bytes;
  // 0 lanes: the card does not tell.
  if (metrics.pcie_lanes.value_or(0) > 0)
    reading.pcie_lanes = device.plausible(kFile, metrics.pcie_lanes, kPlausibleLanes);
  if (metrics.pcie_transfers_per_second.value_or(0) > 0)
    reading.pcie_transfers_per_second =
        device.plausible(kFile, metrics.pcie_transfers_per_second, kPlausibleTransfers);
}

// The table begins with its own size.
bool is_whole(std::string_view bytes) {
  if (bytes.size() < 4) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  return bytes.size() >= byte(0) + 256U * byte(1);
}

}  // namespace

bool read_gpu_metrics(FieldReader& device, GpuMetricsHabits& habits, GpuReading& reading) {
  const auto errors_before = reading.read_errors;
  const auto bytes = device.bytes(kFile);
  if (!bytes) return reading.read_errors == errors_before;
  if (bytes->empty()) return true;
  if (const auto metrics = parse_gpu_metrics(*bytes)) {
    add_values(device, *metrics, reading);
    add_busy(device, metrics->busy_ratio, habits, reading);
    return true;
  }
  if (is_whole(*bytes)) {  // a newer kernel's: what else there is serves
    ++reading.read_errors["unsupported"];
    return true;
  }
  device.senseless(kFile, "is truncated");
  return false;
}

}  // namespace rig
