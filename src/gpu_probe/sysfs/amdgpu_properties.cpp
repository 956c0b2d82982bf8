#include "gpu_probe/sysfs/amdgpu_properties.h"

#include <algorithm>
#include <array>

#include "gpu_probe/sysfs/amdgpu_fields.h"
#include "gpu_probe/sysfs/amdgpu_ras.h"
#include "gpu_probe/sysfs/field_reader.h"
#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

// A limit that was never set reads as 0 or as absolute zero, which is not a problem.
std::optional<double> temperature_limit(FieldReader& hwmon, const std::string& name) {
  constexpr Range kAnyNumber{-1e9, 1e9};
  const auto celsius = hwmon.number(name, kMillidegrees, kAnyNumber);
  if (!celsius || *celsius <= 0 ||
      !gpu_field::temperature_limit_celsius.plausible().contains(*celsius))
    return std::nullopt;
  return celsius;
}

void read_sensors(FieldReader& hwmon, DriverProperties& properties) {
  NestedNumbers& limits = properties.values.temperature_limit_celsius;
  constexpr std::array kTemperatures{"temp1", "temp2", "temp3"};
  for (const std::string name : kTemperatures) {
    // Kernels before 5.3 have one temperature, without a label.
    const auto failed_before = hwmon.failed_reads();
    const auto label = hwmon.text(name + "_label");
    if (hwmon.failed_reads() != failed_before) continue;  // it has a label, which is unknown
    const std::string sensor(temperature_sensor(label.value_or(name == "temp1" ? "edge" : "")));
    if (sensor.empty()) continue;
    properties.sensors[name] = sensor;
    if (const auto limit = temperature_limit(hwmon, name + "_crit"))
      limits[sensor]["critical"] = *limit;
    if (const auto limit = temperature_limit(hwmon, name + "_emergency"))
      limits[sensor]["emergency"] = *limit;
  }
}

void read_rails(FieldReader& hwmon, DriverProperties& properties) {
  constexpr std::array kVoltages{"in0", "in1"};
  for (const std::string name : kVoltages) {
    const auto label = hwmon.text(name + "_label");
    if (label == "vddgfx") properties.rails[name] = "gfx";
    if (label == "vddnb") properties.rails[name] = "soc";  // the northbridge of an APU
  }
}

void read_memory_sizes(FieldReader& device, LabeledNumbers& sizes) {
  for (const auto& [kind, file] : kMemoryFiles) {
    const auto size = device.number("mem_info_" + std::string(file) + "_total", kUnscaled,
                                    gpu_field::memory_size_bytes.plausible());
    if (size) sizes[std::string(kind)] = *size;
  }
}

// A block that the GPU does not have is reported with version 0.
void read_firmware(FieldReader& device, LabeledTexts& firmware) {
  constexpr std::string_view kSuffix = "_fw_version";
  for (const auto& name : device.names("fw_version")) {
    if (!name.ends_with(kSuffix)) continue;
    const auto version = device.text("fw_version/" + name);
    if (!version || parse_number<std::uint64_t>(*version, 16) == 0U) continue;
    firmware[name.substr(0, name.size() - kSuffix.size())] = *version;
  }
}

void read_driver_identity(FieldReader& device, GpuIdentity& identity) {
  if (const auto name = device.text("product_name")) identity.name = *name;
  if (const auto text = device.text("unique_id")) {
    const auto id = parse_unique_id(*text);
    // Without its text, which identifies the GPU even if its format is not the expected one.
    if (!id) device.add_problem("unique_id", Reason::malformed, "malformed: not a hexadecimal id");
    identity.unique_id = id.value_or("");
  }
  identity.serial = device.text("serial_number").value_or("");
  identity.vbios_version = device.text("vbios_version").value_or("");
  identity.memory_vendor = device.text("mem_info_vram_vendor").value_or("");
}

// Only root may read the list of bad pages. This is not a fault and does not change: it is counted
// once as a read error, and the file is not opened again.
bool can_read_bad_pages(const AmdgpuCard& card, const std::vector<std::string>& ras_names,
                        GpuReading& errors) {
  constexpr const char* kFile = "gpu_vram_bad_pages";
  if (std::ranges::find(ras_names, kFile) == ras_names.end()) return false;
  const bool allowed = may_read_file(card.device / "ras" / kFile);
  if (!allowed) ++errors.read_errors["permission"];
  return allowed;
}

// GPUs before Vega 12 have no table. Some kernels have an empty file, others refuse to read it.
bool has_metrics_table(const AmdgpuCard& card) {
  GpuReading errors;  // each sample reads the table again
  const auto table = FieldReader(card.device, errors).bytes("gpu_metrics");
  return table ? !table->empty() : !errors.problems.empty();
}

}  // namespace

PciProperties read_pci_properties(const AmdgpuCard& card, const MarketingName& marketing_name,
                                  GpuReading& errors) {
  FieldReader device(card.device, errors);
  PciProperties properties;
  GpuIdentity& identity = properties.identity;
  identity.card = card.card;
  identity.render = card.render;
  identity.device_id = device.text("device").value_or("");
  identity.revision = device.text("revision").value_or("");
  identity.subsystem_id = device.text("subsystem_device").value_or("");
  identity.name =
      marketing_name(identity.device_id, identity.revision, device.table("uevent").value_or(""));
  constexpr Range kNodes{-1, 1e6};
  properties.numa_node = device.number("numa_node", kUnscaled, kNodes);
  if (properties.numa_node == -1.0) properties.numa_node.reset();  // a machine without NUMA nodes
  properties.slot = slot_link(card.device);
  properties.aer = aer_functions(card.device, properties.slot);
  return properties;
}

DriverProperties read_driver_properties(const AmdgpuCard& card, PciProperties& pci,
                                        FileHistory& history, GpuReading& errors) {
  FieldReader device(card.device, errors, &history);
  DriverProperties properties;
  GpuReading& values = properties.values;
  read_driver_identity(device, pci.identity);
  if (pci.slot) {
    const PcieLink best = best_link(*pci.slot, errors);
    values.pcie_max_lanes = best.lanes;
    values.pcie_max_transfers_per_second = best.transfers_per_second;
  }
  if (!card.hwmon.empty()) {
    FieldReader hwmon(card.device / "hwmon" / card.hwmon, errors, &history);
    read_sensors(hwmon, properties);
    read_rails(hwmon, properties);
    constexpr Range kPlausiblePwmMax{1, 10'000};
    properties.pwm_max = hwmon.number("pwm1_max", kUnscaled, kPlausiblePwmMax);
  }
  read_fields(device, card.hwmon, Refresh::once, values);
  // Of the second die of an MI250, whose power is that of the first one.
  if (values.power_cap_max_watts == 0.0) {
    values.power_cap_max_watts.reset();
    values.power_cap_min_watts.reset();
  }
  if (values.power_cap_default_watts == 0.0) values.power_cap_default_watts.reset();
  read_memory_sizes(device, values.memory_size_bytes);
  read_firmware(device, values.firmware);
  const auto ras_names = device.names("ras");
  properties.ras_files = ras_files(ras_names);
  properties.has_ras_events = std::ranges::find(ras_names, "event_state") != ras_names.end();
  properties.board_files = device.names("board");
  properties.can_read_bad_pages = can_read_bad_pages(card, ras_names, errors);
  properties.has_metrics_table = has_metrics_table(card);
  properties.has_partitions = device.text("current_compute_partition").has_value();
  return properties;
}

}  // namespace rig
