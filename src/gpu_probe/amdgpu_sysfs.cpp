#include "amdgpu_sysfs.h"

#include <array>
#include <utility>

#include "amdgpu_text.h"
#include "field_reader.h"
#include "plausible.h"

namespace rig {
namespace {

constexpr double kMillidegrees = 1e3;
constexpr double kMicrowatts = 1e6;
constexpr double kPercent = 100;
constexpr double kUnscaled = 1;

// "unsupported" and "error" are cards without runtime power management: awake.
bool may_be_asleep(const std::optional<std::string>& runtime_state) {
  return runtime_state == "suspended" || runtime_state == "suspending" ||
         runtime_state == "resuming";
}

// A limit that was never set is written as 0 or as the absolute zero: that is none, and no problem.
std::optional<double> temperature_limit(FieldReader& hwmon, const std::string& name) {
  constexpr Range kAnyNumber{-1e9, 1e9};
  const auto celsius = hwmon.number(name, kMillidegrees, kAnyNumber);
  if (!celsius || *celsius <= 0 || !kPlausibleCelsius.contains(*celsius)) return std::nullopt;
  return celsius;
}

void read_temperatures(FieldReader& hwmon, GpuReading& reading) {
  constexpr std::array kSensors{"temp1", "temp2", "temp3"};
  for (const std::string name : kSensors) {
    // Kernels before 5.3 have one temperature and no label for it.
    const auto problems_before = reading.problems.size();
    const auto label = hwmon.text(name + "_label");
    if (reading.problems.size() != problems_before) continue;  // there is one, and it is not known
    const std::string sensor(temperature_sensor(label.value_or(name == "temp1" ? "edge" : "")));
    if (sensor.empty()) continue;
    if (const auto value = hwmon.number(name + "_input", kMillidegrees, kPlausibleCelsius))
      reading.temperature_celsius[sensor] = *value;
    if (const auto limit = temperature_limit(hwmon, name + "_crit"))
      reading.temperature_limit_celsius[sensor]["critical"] = *limit;
    if (const auto limit = temperature_limit(hwmon, name + "_emergency"))
      reading.temperature_limit_celsius[sensor]["emergency"] = *limit;
  }
}

void read_power(FieldReader& hwmon, GpuReading& reading) {
  const auto watts = [&](const char* name) {
    return hwmon.number(name, kMicrowatts, kPlausibleWatts);
  };
  reading.power_watts = watts("power1_average");
  if (!reading.power_watts) reading.power_watts = watts("power1_input");
  reading.power_cap_watts = watts("power1_cap");
}

void read_fan(FieldReader& hwmon, GpuReading& reading) {
  reading.fan_rpm = hwmon.number("fan1_input", kUnscaled, kPlausibleRpm);
  reading.fan_max_rpm = hwmon.number("fan1_max", kUnscaled, kPlausibleRpm);
  constexpr Range kPlausiblePwmMax{1, 1e6};
  if (const auto max = hwmon.number("pwm1_max", kUnscaled, kPlausiblePwmMax))
    reading.fan_ratio = hwmon.number("pwm1", *max, kPlausibleRatio);
}

// The marked level of the table is what rocm-smi shows; between two levels only hwmon knows.
void read_clock(FieldReader& device, FieldReader& hwmon, const std::string& clock,
                AmdgpuReading& result) {
  const std::string file = "pp_dpm_" + clock;
  std::optional<DpmTable> table;
  if (const auto text = device.text(file)) {
    table = parse_dpm_table(*text);
    if (!table) device.problem(file, "no table of clock levels");
  }
  auto hertz = table ? table->current_hertz : std::nullopt;
  if (hertz && table->plain) result.questions.clocks.push_back(clock);
  if (!hertz) {
    const char* const input = clock == "sclk" ? "freq1_input" : "freq2_input";
    hertz = hwmon.number(input, kUnscaled, kPlausibleHertz);
  }
  if (hertz) result.reading.clock_hertz[clock] = *hertz;
}

void read_memory(FieldReader& device, GpuReading& reading) {
  const auto size = device.number("mem_info_vram_total", kUnscaled, kPlausibleBytes);
  if (size) reading.memory_size_bytes["vram"] = *size;
  const Range plausible{0, size.value_or(kPlausibleBytes.highest)};
  if (const auto used = device.number("mem_info_vram_used", kUnscaled, plausible))
    reading.memory_used_bytes["vram"] = *used;
}

void read_sensors(FieldReader& device, FieldReader& hwmon, AmdgpuReading& result) {
  GpuReading& reading = result.reading;
  read_temperatures(hwmon, reading);
  read_power(hwmon, reading);
  read_fan(hwmon, reading);
  read_clock(device, hwmon, "sclk", result);
  read_clock(device, hwmon, "mclk", result);
  reading.performance_level = device.text("power_dpm_force_performance_level");
  if (const auto busy = device.number("gpu_busy_percent", kPercent, kPlausibleRatio))
    reading.busy_ratio["gfx"] = *busy;
  read_memory(device, reading);
}

void set_questions(AmdgpuReading& result) {
  const GpuReading& reading = result.reading;
  GpuQuestions& questions = result.questions;
  for (const auto& [sensor, value] : reading.temperature_celsius)
    questions.temperatures.push_back(sensor);
  questions.power = reading.power_watts.has_value();
  questions.power_cap = reading.power_cap_watts.has_value();
  questions.fan_rpm = reading.fan_rpm.has_value();
  questions.fan_ratio = reading.fan_ratio.has_value();
  questions.performance_level = reading.performance_level.has_value();
  // Where the driver counts no memory of its own (APU), the library looks in /dev/kfd and so
  // becomes a user of the GPU itself.
  const auto size = reading.memory_size_bytes.find("vram");
  questions.memory_size = size != reading.memory_size_bytes.end() && size->second > 0;
  questions.memory_used = questions.memory_size && reading.memory_used_bytes.contains("vram");
}

bool says_nothing(const GpuReading& reading) {
  return reading.temperature_celsius.empty() && !reading.power_watts &&
         reading.clock_hertz.empty() && !reading.fan_rpm && !reading.performance_level &&
         reading.busy_ratio.empty() && reading.memory_size_bytes.empty();
}

}  // namespace

AmdgpuSysfs::AmdgpuSysfs(AmdgpuCard card, MarketingName marketing_name)
    : card_(std::move(card)), marketing_name_(std::move(marketing_name)) {
  identity_.card = card_.card;
  identity_.render = card_.render;
}

// From the PCI core, which wakes nothing.
void AmdgpuSysfs::read_pci_identity() {
  std::vector<std::string> ignored;
  FieldReader device(card_.device, ignored);
  identity_.device_id = device.text("device").value_or("");
  identity_.revision = device.text("revision").value_or("");
  identity_.subsystem_id = device.text("subsystem_device").value_or("");
  identity_.name =
      marketing_name_(identity_.device_id, identity_.revision, device.text("uevent").value_or(""));
}

// From amdgpu. What is refused once is asked for again in the next reading.
void AmdgpuSysfs::read_driver_identity(GpuReading& reading) {
  const auto problems_before = reading.problems.size();
  FieldReader device(card_.device, reading.problems);
  if (const auto name = device.text("product_name")) identity_.name = *name;
  if (const auto text = device.text("unique_id")) {
    const auto id = parse_unique_id(*text);
    if (!id) device.problem("unique_id", "no hexadecimal number");
    identity_.unique_id = id.value_or("");
  }
  identity_.serial = device.text("serial_number").value_or("");
  identity_.vbios_version = device.text("vbios_version").value_or("");
  identity_.memory_vendor = device.text("mem_info_vram_vendor").value_or("");
  driver_identity_known_ = reading.problems.size() == problems_before;
}

AmdgpuReading AmdgpuSysfs::asleep(const std::optional<std::string>& runtime_state) const {
  AmdgpuReading result;
  result.reading.pci_address = card_.pci_address;
  result.reading.identity = identity_;
  result.reading.runtime_state = runtime_state;
  return result;
}

std::optional<AmdgpuReading> AmdgpuSysfs::read() {
  AmdgpuReading result;
  GpuReading& reading = result.reading;
  FieldReader device(card_.device, reading.problems);
  if (identity_.device_id.empty()) read_pci_identity();
  reading.runtime_state = device.text("power/runtime_status");
  if (may_be_asleep(reading.runtime_state)) return asleep(reading.runtime_state);

  if (!driver_identity_known_) read_driver_identity(reading);
  reading.pci_address = card_.pci_address;
  reading.identity = identity_;
  FieldReader hwmon(card_.device / "hwmon" / card_.hwmon, reading.problems);
  read_sensors(device, hwmon, result);

  if (says_nothing(reading) && !device.text("vendor")) return std::nullopt;
  if (!reading.problems.empty() && reading.runtime_state) {  // did it fall asleep meanwhile?
    reading.runtime_state = device.text("power/runtime_status");
    if (may_be_asleep(reading.runtime_state)) return asleep(reading.runtime_state);
  }
  set_questions(result);
  return result;
}

}  // namespace rig
