#include "gpu_probe/sysfs/amdgpu_sensors.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "gpu_probe/sysfs/amdgpu_fields.h"
#include "gpu_probe/sysfs/amdgpu_pcie.h"
#include "gpu_probe/sysfs/amdgpu_ras.h"
#include "gpu_probe/sysfs/field_reader.h"
#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

constexpr double kMillivolts = 1e3;

void put(std::map<std::string, double>& values, const std::string& key,
         const std::optional<double>& value) {
  if (value) values[key] = *value;
}

void read_hwmon(FieldReader& hwmon, const DriverProperties& properties, GpuReading& reading) {
  for (const auto& [name, sensor] : properties.sensors)
    put(reading.temperature_celsius, sensor,
        hwmon.number(name + "_input", kMillidegrees, gpu_field::temperature_celsius.plausible()));
  for (const auto& [name, rail] : properties.rails)
    put(reading.voltage_volts, rail,
        hwmon.number(name + "_input", kMillivolts, gpu_field::voltage_volts.plausible()));
  if (properties.pwm_max)
    reading.fan_ratio = hwmon.number("pwm1", *properties.pwm_max, gpu_field::fan_ratio.plausible());
  if (const auto mode = hwmon.number("pwm1_enable", kUnscaled, kPlausible32BitCount)) {
    const auto known = std::min(*mode, static_cast<double>(kFanModes.size() - 1));
    reading.fan_mode = kFanModes.at(static_cast<std::size_t>(known));
  }
}

// The marked level of the table is what rocm-smi shows. Returns whether librocm_smi64 can parse the
// table.
bool read_clock(FieldReader& device, const std::string& clock, GpuReading& reading) {
  const std::string file = "pp_dpm_" + clock;
  const auto text = device.table(file);
  if (!text) return false;
  const auto table = parse_dpm_table(*text);
  if (!table) {
    device.add_malformed(file, *text);
    return false;
  }
  put(reading.clock_hertz, clock,
      device.plausible(file, table->current_hertz, gpu_field::clock_hertz.plausible()));
  put(reading.clock_min_hertz, clock,
      device.plausible(file, table->min_hertz, gpu_field::clock_min_hertz.plausible()));
  put(reading.clock_max_hertz, clock,
      device.plausible(file, table->max_hertz, gpu_field::clock_max_hertz.plausible()));
  return table->plain && reading.clock_hertz.contains(clock);
}

std::vector<std::string> read_clocks(FieldReader& device, FieldReader* hwmon,
                                     bool levels_are_clocks, GpuReading& reading) {
  std::vector<std::string> plain;
  for (const std::string clock : {"sclk", "mclk"}) {
    if (read_clock(device, clock, reading)) plain.push_back(clock);
  }
  for (const std::string clock : {"fclk", "socclk", "dcefclk", "vclk", "dclk", "vclk1", "dclk1"})
    read_clock(device, clock, reading);
  // Between two levels, and without a table, only hwmon has the clock.
  const auto read_from_hwmon = [&](const std::string& clock, const char* input) {
    if (!hwmon || (levels_are_clocks && reading.clock_hertz.contains(clock))) return;
    const auto hertz = hwmon->number(input, kUnscaled, gpu_field::clock_hertz.plausible());
    if (!hertz) return;
    reading.clock_hertz[clock] = *hertz;
    std::erase(plain, clock);  // librocm_smi64 would return the level
  };
  read_from_hwmon("sclk", "freq1_input");
  read_from_hwmon("mclk", "freq2_input");
  return plain;
}

// Less than any awake GPU draws: drivers of some APUs (smu_v13_0_5) report a 1/3900 of the power,
// and the second die of an MI250 reports 0, which is included in the power of the first one.
void drop_unknown_power(GpuReading& reading) {
  if (reading.power_watts && *reading.power_watts < kLeastWatts) reading.power_watts.reset();
  if (reading.power_cap_watts == 0.0) reading.power_cap_watts.reset();
}

void read_memory_used(FieldReader& device, GpuReading& reading) {
  for (const auto& [kind, file] : kMemoryFiles) {
    const auto size = reading.memory_size_bytes.find(std::string(kind));
    if (size == reading.memory_size_bytes.end()) continue;
    put(reading.memory_used_bytes, std::string(kind),
        device.number("mem_info_" + std::string(file) + "_used", kUnscaled, {0, size->second}));
  }
}

// Whether the link that the PCI core reports for the GPU is the one to the slot.
bool pci_core_knows_lanes(const std::optional<SlotLink>& slot) {
  return slot && !slot->has_switch &&
         is_present(slot->board.native() + "/current_link_width").value_or(false);
}

// The table marks the level of the link. Without a mark it is in gpu_metrics, which has been read
// already, or known to the PCI core. GPUs without gpu_metrics (Polaris, Fiji, Hawaii) have constant
// lanes in the table, which are used only if the PCI core does not know them; only the board of a
// Vega 10 has a switch, and true lanes.
void read_pcie(FieldReader& device, const PciProperties& pci, bool has_metrics_table,
               GpuReading& reading) {
  if (const auto text = device.table("pp_dpm_pcie")) {
    if (const auto link = parse_dpm_pcie(*text)) {
      const auto lanes =
          device.plausible("pp_dpm_pcie", link->lanes, gpu_field::pcie_lanes.plausible());
      const auto speed = device.plausible("pp_dpm_pcie", link->transfers_per_second,
                                          gpu_field::pcie_transfers_per_second.plausible());
      const bool lanes_are_true = has_metrics_table || !pci_core_knows_lanes(pci.slot);
      if (lanes && lanes_are_true) reading.pcie_lanes = lanes;
      if (speed) reading.pcie_transfers_per_second = speed;
    } else {
      device.add_malformed("pp_dpm_pcie", *text);
    }
  }
  if (!pci.slot || (reading.pcie_lanes && reading.pcie_transfers_per_second)) return;
  const PcieLink link = current_link(*pci.slot, reading);
  if (!reading.pcie_lanes) reading.pcie_lanes = link.lanes;
  if (!reading.pcie_transfers_per_second)
    reading.pcie_transfers_per_second = link.transfers_per_second;
}

// In watts. What holds a GPU that is read draws power: 0 is not a measurement, and not a limit.
void read_board(FieldReader& device, const std::vector<std::string>& files, GpuReading& reading) {
  const auto read = [&](const char* name, const char* domain, auto& field) {
    if (std::ranges::find(files, name) == files.end()) return;
    const auto watts = device.number(std::string("board/") + name, kUnscaled, field.plausible());
    if (watts.value_or(0) > 0) put(reading.*field.member, domain, watts);
  };
  read("baseboard_power", "board", gpu_field::domain_power_watts);
  read("baseboard_power_limit", "board", gpu_field::domain_power_limit_watts);
  read("node_power", "node", gpu_field::domain_power_watts);
  read("cur_node_power_limit", "node", gpu_field::domain_power_limit_watts);
}

void read_partitions(FieldReader& device, GpuReading& reading) {
  reading.compute_partition = device.text("current_compute_partition").value_or("");
  reading.memory_partition = device.text("current_memory_partition").value_or("");
}

}  // namespace

std::vector<std::string> read_sensors(const AmdgpuCard& card, const DriverProperties& properties,
                                      FileHistory& history, GpuReading& reading) {
  FieldReader device(card.device, reading, &history);
  std::optional<FieldReader> hwmon;
  if (!card.hwmon.empty())
    hwmon.emplace(card.device.native() + "/hwmon/" + card.hwmon, reading, &history);
  if (hwmon) read_hwmon(*hwmon, properties, reading);
  read_fields(device, card.hwmon, Refresh::every_sample, reading);
  drop_unknown_power(reading);
  auto plain =
      read_clocks(device, hwmon ? &*hwmon : nullptr, properties.has_metrics_table, reading);
  read_memory_used(device, reading);
  return plain;
}

void read_tables(const AmdgpuCard& card, const PciProperties& pci,
                 const DriverProperties& properties, FileHistory& history, GpuMetricsQuirks& quirks,
                 GpuReading& reading) {
  FieldReader device(card.device, reading, &history);
  const bool table_failed = !read_gpu_metrics(device, quirks, reading);
  if (properties.has_partitions) read_partitions(device, reading);
  if (reading.compute_partition == "SPX" && reading.xcc_busy_ratio.empty())
    read_partition_metrics(device, reading);
  read_pcie(device, pci, properties.has_metrics_table, reading);
  if (!table_failed && !reading.pcie_errors.contains("replays"))
    put(reading.pcie_errors, "replays",
        device.number("pcie_replay_count", kUnscaled, kPlausible32BitCount));
  read_board(device, properties.board_files, reading);
  read_ras(device, properties.ras_files, reading);
  if (properties.has_ras_events) read_ras_events(device, reading);
  if (properties.can_read_bad_pages) read_bad_pages(device, reading);
}

}  // namespace rig
