#include "gpu_probe/gpu_metrics/gpu_metrics_values.h"

#include <algorithm>
#include <utility>

#include "gpu_probe/gpu_metrics/gpu_metrics.h"
#include "gpu_probe/gpu_metrics/throttle_status.h"
#include "rig/gpu_protocol/gpu_fields.h"

namespace rig {
namespace {

constexpr std::string_view kFile = "gpu_metrics";
constexpr std::string_view kPartitionFile = "xcp/xcp_metrics";

// Adds the entries that the reading does not have yet.
void add_missing(FieldReader& device, const LabeledNumbers& found,
                 const GpuField<LabeledNumbers>& field, GpuReading& reading,
                 std::string_view file = kFile) {
  LabeledNumbers& values = reading.*field.member;
  for (const auto& [key, value] : found) {
    if (values.contains(key)) continue;
    if (const auto plausible = device.plausible(file, value, field.plausible()))
      values[key] = *plausible;
  }
}

// Some firmware reports 0 for a missing sensor; no part of a running GPU is at 0.
LabeledNumbers without_zeros(LabeledNumbers values) {
  std::erase_if(values, [](const auto& entry) { return entry.second == 0; });
  return values;
}

void add_busy(FieldReader& device, const LabeledNumbers& busy, GpuMetricsQuirks& quirks,
              GpuReading& reading) {
  for (const auto& [engine, ratio] : busy) {
    if (ratio > 1) quirks.busy_in_hundredths = true;
  }
  if (quirks.busy_in_hundredths) {
    ++reading.read_errors["unsupported"];
  } else {
    add_missing(device, busy, gpu_field::busy_ratio, reading);
  }
}

// Where hwmon has no speed, as of an RX 9070 XT.
void add_fan(FieldReader& device, const GpuMetrics& metrics, GpuMetricsQuirks& quirks,
             GpuReading& reading) {
  if (metrics.fan_rpm.value_or(0) > 0) quirks.has_fan = true;
  if (!reading.fan_rpm && (quirks.has_fan || reading.fan_ratio))
    reading.fan_rpm = device.plausible(kFile, metrics.fan_rpm, gpu_field::fan_rpm.plausible());
}

// Of counters of equal weight.
double mean(const LabeledNumbers& values) {
  double sum = 0;
  for (const auto& [key, value] : values) sum += value;
  return sum / static_cast<double>(values.size());
}

void add_parts(FieldReader& device, const GpuMetrics& metrics, GpuReading& reading) {
  add_missing(device, metrics.xcc_busy_ratio, gpu_field::xcc_busy_ratio, reading);
  // Without any link that is up, the GPU may be alone: links without a peer are 0, too.
  const bool has_peer =
      std::ranges::any_of(metrics.xgmi_link_up, [](const auto& link) { return link.second == 1; });
  for (const auto& [link, state] : metrics.xgmi_link_up) {
    if (has_peer && state <= 1) reading.xgmi_link_up[link] = state;  // others: disabled, or no link
  }
  add_missing(device, metrics.domain_power_watts, gpu_field::domain_power_watts, reading);
  // 0: not reported. An idle link, on the other hand, transfers 0.
  if (metrics.memory_max_bytes_per_second.value_or(0) > 0) {
    reading.memory_max_bytes_per_second =
        device.plausible(kFile, metrics.memory_max_bytes_per_second,
                         gpu_field::memory_max_bytes_per_second.plausible());
  }
  reading.pcie_bytes_per_second = device.plausible(kFile, metrics.pcie_bytes_per_second,
                                                   gpu_field::pcie_bytes_per_second.plausible());
  // One value for all links; 0: the GPU has none.
  if (metrics.xgmi_lanes.value_or(0) > 0)
    add_missing(device, {{"all", *metrics.xgmi_lanes}}, gpu_field::xgmi_link_lanes, reading);
  if (metrics.xgmi_transfers_per_second.value_or(0) > 0)
    add_missing(device, {{"all", *metrics.xgmi_transfers_per_second}},
                gpu_field::xgmi_link_transfers_per_second, reading);
}

// Takes those values that the other functions do not need.
void add_values(FieldReader& device, GpuMetrics& metrics, GpuReading& reading) {
  add_missing(device, without_zeros(std::move(metrics.temperature_celsius)),
              gpu_field::temperature_celsius, reading);
  add_missing(device, without_zeros(std::move(metrics.voltage_volts)), gpu_field::voltage_volts,
              reading);
  add_missing(device, metrics.clock_hertz, gpu_field::clock_hertz, reading);
  if (!reading.power_watts && metrics.power_watts.value_or(0) >= kLeastWatts)
    reading.power_watts =
        device.plausible(kFile, metrics.power_watts, gpu_field::power_watts.plausible());
  if (metrics.energy_joules != 0.0) reading.energy_joules = metrics.energy_joules;
  reading.throttled = throttled(metrics, reading.identity.device_id);
  reading.throttle_cycles = std::move(metrics.throttle_cycles);
  reading.counted_cycles = metrics.counted_cycles;
  reading.busy_cycles = std::move(metrics.busy_cycles);
  for (const auto& [reason, cycles] : metrics.limited_cycles)
    reading.limited_cycles[reason] = mean(cycles);
  reading.pcie_errors = std::move(metrics.pcie_errors);
  // The firmware's counters have 32 bits, the driver's table 64.
  std::erase_if(reading.pcie_errors, [](const auto& entry) { return entry.second == 0xFFFFFFFF; });
  reading.xgmi_bytes = std::move(metrics.xgmi_bytes);
  // 0 lanes: not reported.
  if (metrics.pcie_lanes.value_or(0) > 0)
    reading.pcie_lanes =
        device.plausible(kFile, metrics.pcie_lanes, gpu_field::pcie_lanes.plausible());
  // The slowest link has 2.5 GT/s. Linux 6.1 has the generation, 1 to 6, here for an RX 7000.
  constexpr double kSlowest = 2.5e9;
  if (metrics.pcie_transfers_per_second.value_or(0) >= kSlowest)
    reading.pcie_transfers_per_second = device.plausible(
        kFile, metrics.pcie_transfers_per_second, gpu_field::pcie_transfers_per_second.plausible());
}

// The table begins with its own size.
bool is_complete_table(std::string_view bytes) {
  if (bytes.size() < 4) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  return bytes.size() >= byte(0) + 256U * byte(1);
}

}  // namespace

bool read_gpu_metrics(FieldReader& device, GpuMetricsQuirks& quirks, GpuReading& reading) {
  const auto failed_before = device.failed_reads();
  const auto bytes = device.bytes(kFile);
  if (!bytes) return device.failed_reads() == failed_before;
  if (bytes->empty()) return true;
  if (auto metrics = parse_gpu_metrics(*bytes)) {
    add_values(device, *metrics, reading);
    add_busy(device, metrics->busy_ratio, quirks, reading);
    add_fan(device, *metrics, quirks, reading);
    add_parts(device, *metrics, reading);
    return true;
  }
  if (is_complete_table(*bytes)) {  // of a newer kernel: other files have most values
    ++reading.read_errors["unsupported"];
    return true;
  }
  device.add_problem(kFile, Reason::malformed, "truncated");
  return false;
}

void read_partition_metrics(FieldReader& device, GpuReading& reading) {
  const auto bytes = device.bytes(kPartitionFile);
  if (!bytes || bytes->empty()) return;
  if (const auto metrics = parse_partition_metrics(*bytes)) {
    add_missing(device, metrics->clock_hertz, gpu_field::clock_hertz, reading, kPartitionFile);
    add_missing(device, metrics->busy_ratio, gpu_field::busy_ratio, reading, kPartitionFile);
    add_missing(device, metrics->xcc_busy_ratio, gpu_field::xcc_busy_ratio, reading,
                kPartitionFile);
  } else if (is_complete_table(*bytes)) {
    ++reading.read_errors["unsupported"];
  } else {
    device.add_problem(kPartitionFile, Reason::malformed, "truncated");
  }
}

}  // namespace rig
