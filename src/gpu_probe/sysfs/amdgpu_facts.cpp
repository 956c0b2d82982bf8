#include "gpu_probe/sysfs/amdgpu_facts.h"

#include <algorithm>
#include <array>

#include "gpu_probe/sysfs/amdgpu_ras.h"
#include "gpu_probe/sysfs/field_reader.h"
#include "gpu_probe/sysfs/plausible.h"
#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr double kMillidegrees = 1e3;
constexpr double kMicrowatts = 1e6;
constexpr double kUnscaled = 1;

// A limit that was never set is written as 0 or as the absolute zero: that is none, and no problem.
std::optional<double> temperature_limit(FieldReader& hwmon, const std::string& name) {
  constexpr Range kAnyNumber{-1e9, 1e9};
  const auto celsius = hwmon.number(name, kMillidegrees, kAnyNumber);
  if (!celsius || *celsius <= 0 || !kPlausibleCelsius.contains(*celsius)) return std::nullopt;
  return celsius;
}

void read_sensors(FieldReader& hwmon, const GpuReading& notes, AmdgpuFacts& facts) {
  constexpr std::array kTemperatures{"temp1", "temp2", "temp3"};
  for (const std::string name : kTemperatures) {
    // Kernels before 5.3 have one temperature and no label for it.
    const auto problems_before = notes.problems.size();
    const auto label = hwmon.text(name + "_label");
    if (notes.problems.size() != problems_before) continue;  // there is one, and it is not known
    const std::string sensor(temperature_sensor(label.value_or(name == "temp1" ? "edge" : "")));
    if (sensor.empty()) continue;
    facts.sensors[name] = sensor;
    if (const auto limit = temperature_limit(hwmon, name + "_crit"))
      facts.temperature_limit_celsius[sensor]["critical"] = *limit;
    if (const auto limit = temperature_limit(hwmon, name + "_emergency"))
      facts.temperature_limit_celsius[sensor]["emergency"] = *limit;
  }
}

void read_rails(FieldReader& hwmon, AmdgpuFacts& facts) {
  constexpr std::array kVoltages{"in0", "in1"};
  for (const std::string name : kVoltages) {
    const auto label = hwmon.text(name + "_label");
    if (label == "vddgfx") facts.rails[name] = "gfx";
    if (label == "vddnb") facts.rails[name] = "soc";  // the northbridge of an APU
  }
}

void read_ranges(FieldReader& hwmon, AmdgpuFacts& facts) {
  facts.power_cap_min_watts = hwmon.number("power1_cap_min", kMicrowatts, kPlausibleWatts);
  facts.power_cap_max_watts = hwmon.number("power1_cap_max", kMicrowatts, kPlausibleWatts);
  facts.power_cap_default_watts = hwmon.number("power1_cap_default", kMicrowatts, kPlausibleWatts);
  facts.fan_max_rpm = hwmon.number("fan1_max", kUnscaled, kPlausibleRpm);
  constexpr Range kPlausiblePwmMax{1, 1e6};
  facts.pwm_max = hwmon.number("pwm1_max", kUnscaled, kPlausiblePwmMax);
}

void read_memory_sizes(FieldReader& device, AmdgpuFacts& facts) {
  for (const auto& [kind, file] : kMemoryFiles) {
    const auto size =
        device.number("mem_info_" + std::string(file) + "_total", kUnscaled, kPlausibleBytes);
    if (size) facts.memory_size_bytes[std::string(kind)] = *size;
  }
}

// A block that is not there has the version 0.
void read_firmware(FieldReader& device, AmdgpuFacts& facts) {
  constexpr std::string_view kSuffix = "_fw_version";
  for (const auto& name : device.names("fw_version")) {
    if (!name.ends_with(kSuffix)) continue;
    const auto version = device.text("fw_version/" + name);
    if (!version || parse_number<std::uint64_t>(*version, 16) == 0U) continue;
    facts.firmware[name.substr(0, name.size() - kSuffix.size())] = *version;
  }
}

void read_driver_identity(FieldReader& device, GpuIdentity& identity) {
  if (const auto name = device.text("product_name")) identity.name = *name;
  if (const auto text = device.text("unique_id")) {
    const auto id = parse_unique_id(*text);
    if (!id) device.senseless("unique_id", "no hexadecimal number", *text);
    identity.unique_id = id.value_or("");
  }
  identity.serial = device.text("serial_number").value_or("");
  identity.vbios_version = device.text("vbios_version").value_or("");
  identity.memory_vendor = device.text("mem_info_vram_vendor").value_or("");
}

// Root alone may read the list of bad pages. That is so for good and nobody's fault: it is counted
// once, and not asked again.
bool may_read_bad_pages(const AmdgpuCard& card, const std::vector<std::string>& ras_files,
                        GpuReading& notes) {
  constexpr const char* kFile = "gpu_vram_bad_pages";
  if (std::ranges::find(ras_files, kFile) == ras_files.end()) return false;
  const bool allowed = may_read_file(card.device / "ras" / kFile);
  if (!allowed) ++notes.read_errors["permission"];
  return allowed;
}

}  // namespace

AmdgpuPciFacts read_pci_facts(const AmdgpuCard& card, const MarketingName& marketing_name,
                              GpuReading& notes) {
  FieldReader device(card.device, notes);
  AmdgpuPciFacts facts;
  GpuIdentity& identity = facts.identity;
  identity.card = card.card;
  identity.render = card.render;
  identity.device_id = device.text("device").value_or("");
  identity.revision = device.text("revision").value_or("");
  identity.subsystem_id = device.text("subsystem_device").value_or("");
  identity.name =
      marketing_name(identity.device_id, identity.revision, device.text("uevent").value_or(""));
  constexpr Range kNodes{-1, 1e6};
  facts.numa_node = device.number("numa_node", kUnscaled, kNodes);
  if (facts.numa_node == -1.0) facts.numa_node.reset();  // the machine has no nodes
  facts.slot = slot_link(card.device);
  return facts;
}

AmdgpuFacts read_driver_facts(const AmdgpuCard& card, AmdgpuPciFacts& pci, GpuReading& notes) {
  FieldReader device(card.device, notes);
  AmdgpuFacts facts;
  read_driver_identity(device, pci.identity);
  if (pci.slot) facts.best_link = best_link(*pci.slot, notes);
  if (!card.hwmon.empty()) {
    FieldReader hwmon(card.device / "hwmon" / card.hwmon, notes);
    read_sensors(hwmon, notes, facts);
    read_rails(hwmon, facts);
    read_ranges(hwmon, facts);
  }
  read_memory_sizes(device, facts);
  read_firmware(device, facts);
  const auto ras_files = device.names("ras");
  facts.ras_blocks = ras_blocks(ras_files);
  facts.tells_bad_pages = may_read_bad_pages(card, ras_files, notes);
  facts.has_partitions = device.text("current_compute_partition").has_value();
  return facts;
}

}  // namespace rig
