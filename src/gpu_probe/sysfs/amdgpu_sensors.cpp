#include "gpu_probe/sysfs/amdgpu_sensors.h"

#include <array>
#include <string_view>

#include "gpu_probe/sysfs/amdgpu_pcie.h"
#include "gpu_probe/sysfs/amdgpu_ras.h"
#include "gpu_probe/sysfs/field_reader.h"
#include "gpu_probe/sysfs/plausible.h"
#include "rig/amdgpu/text_formats.h"

namespace rig {
namespace {

constexpr double kMillidegrees = 1e3;
constexpr double kMillivolts = 1e3;
constexpr double kMicrowatts = 1e6;
constexpr double kPercent = 100;
constexpr double kUnscaled = 1;

void put(std::map<std::string, double>& values, const std::string& key,
         const std::optional<double>& value) {
  if (value) values[key] = *value;
}

void read_hwmon(FieldReader& hwmon, const AmdgpuFacts& facts, GpuReading& reading) {
  for (const auto& [name, sensor] : facts.sensors)
    put(reading.temperature_celsius, sensor,
        hwmon.number(name + "_input", kMillidegrees, kPlausibleCelsius));
  for (const auto& [name, rail] : facts.rails)
    put(reading.voltage_volts, rail, hwmon.number(name + "_input", kMillivolts, kPlausibleVolts));
  reading.power_watts = hwmon.number("power1_average", kMicrowatts, kPlausibleWatts);
  if (!reading.power_watts)
    reading.power_watts = hwmon.number("power1_input", kMicrowatts, kPlausibleWatts);
  reading.power_cap_watts = hwmon.number("power1_cap", kMicrowatts, kPlausibleWatts);
  reading.fan_rpm = hwmon.number("fan1_input", kUnscaled, kPlausibleRpm);
  if (facts.pwm_max) reading.fan_ratio = hwmon.number("pwm1", *facts.pwm_max, kPlausibleRatio);
}

// The marked level of the table is what rocm-smi shows. True when librocm_smi64 can bear the table.
bool read_clock(FieldReader& device, const std::string& clock, GpuReading& reading) {
  const std::string file = "pp_dpm_" + clock;
  const auto text = device.text(file);
  if (!text) return false;
  const auto table = parse_dpm_table(*text);
  if (!table) {
    device.senseless(file, "no table of clock levels", *text);
    return false;
  }
  put(reading.clock_hertz, clock, device.plausible(file, table->current_hertz, kPlausibleHertz));
  put(reading.clock_min_hertz, clock, device.plausible(file, table->min_hertz, kPlausibleHertz));
  put(reading.clock_max_hertz, clock, device.plausible(file, table->max_hertz, kPlausibleHertz));
  return table->plain && reading.clock_hertz.contains(clock);
}

std::vector<std::string> read_clocks(FieldReader& device, FieldReader* hwmon, GpuReading& reading) {
  std::vector<std::string> plain;
  for (const std::string clock : {"sclk", "mclk"}) {
    if (read_clock(device, clock, reading)) plain.push_back(clock);
  }
  for (const std::string clock : {"fclk", "socclk", "dcefclk", "vclk", "dclk"})
    read_clock(device, clock, reading);
  // Between two levels, and without a table, only hwmon knows.
  const auto ask_hwmon = [&](const std::string& clock, const char* input) {
    if (hwmon && !reading.clock_hertz.contains(clock))
      put(reading.clock_hertz, clock, hwmon->number(input, kUnscaled, kPlausibleHertz));
  };
  ask_hwmon("sclk", "freq1_input");
  ask_hwmon("mclk", "freq2_input");
  return plain;
}

void read_load(FieldReader& device, GpuReading& reading) {
  reading.performance_level = device.text("power_dpm_force_performance_level");
  const auto ratio = [&](const char* file) {
    return device.number(file, kPercent, kPlausibleRatio);
  };
  put(reading.overdrive_ratio, "sclk", ratio("pp_sclk_od"));
  put(reading.overdrive_ratio, "mclk", ratio("pp_mclk_od"));
  put(reading.busy_ratio, "gfx", ratio("gpu_busy_percent"));
  put(reading.busy_ratio, "memory", ratio("mem_busy_percent"));
}

void read_memory_in_use(FieldReader& device, GpuReading& reading) {
  for (const auto& [kind, file] : kMemoryFiles) {
    const auto size = reading.memory_size_bytes.find(std::string(kind));
    if (size == reading.memory_size_bytes.end()) continue;
    put(reading.memory_used_bytes, std::string(kind),
        device.number("mem_info_" + std::string(file) + "_used", kUnscaled, {0, size->second}));
  }
}

// The table marks the link's level; a card without that tells it in gpu_metrics, or the PCI core
// does.
void read_pcie(FieldReader& device, const AmdgpuPciFacts& pci, GpuReading& reading) {
  if (const auto text = device.text("pp_dpm_pcie")) {
    if (const auto link = parse_dpm_pcie(*text)) {
      const auto lanes = device.plausible("pp_dpm_pcie", link->lanes, kPlausibleLanes);
      const auto speed =
          device.plausible("pp_dpm_pcie", link->transfers_per_second, kPlausibleTransfers);
      if (lanes) reading.pcie_lanes = lanes;
      if (speed) reading.pcie_transfers_per_second = speed;
    } else {
      device.senseless("pp_dpm_pcie", "no table of links", *text);
    }
  }
  if (!pci.slot || (reading.pcie_lanes && reading.pcie_transfers_per_second)) return;
  const PcieLink now = present_link(*pci.slot, reading);
  if (!reading.pcie_lanes) reading.pcie_lanes = now.lanes;
  if (!reading.pcie_transfers_per_second)
    reading.pcie_transfers_per_second = now.transfers_per_second;
}

void read_partitions(FieldReader& device, GpuReading& reading) {
  reading.compute_partition = device.text("current_compute_partition").value_or("");
  reading.memory_partition = device.text("current_memory_partition").value_or("");
}

}  // namespace

std::vector<std::string> read_sensors(const AmdgpuCard& card, const AmdgpuFacts& facts,
                                      GpuReading& reading) {
  FieldReader device(card.device, reading);
  std::optional<FieldReader> hwmon;
  if (!card.hwmon.empty()) hwmon.emplace(card.device / "hwmon" / card.hwmon, reading);
  if (hwmon) read_hwmon(*hwmon, facts, reading);
  auto plain = read_clocks(device, hwmon ? &*hwmon : nullptr, reading);
  read_load(device, reading);
  read_memory_in_use(device, reading);
  return plain;
}

void read_tables(const AmdgpuCard& card, const AmdgpuPciFacts& pci, const AmdgpuFacts& facts,
                 GpuMetricsHabits& habits, GpuReading& reading) {
  FieldReader device(card.device, reading);
  const bool table_told = read_gpu_metrics(device, habits, reading);
  read_pcie(device, pci, reading);
  if (table_told && !reading.pcie_errors.contains("replays"))
    put(reading.pcie_errors, "replays", device.number("pcie_replay_count", kUnscaled, kAnyCount));
  read_ras(device, facts.ras_blocks, reading);
  if (facts.tells_bad_pages) read_bad_pages(device, reading);
  if (facts.has_partitions) read_partitions(device, reading);
}

}  // namespace rig
