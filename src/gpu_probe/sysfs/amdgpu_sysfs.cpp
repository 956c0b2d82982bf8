#include "gpu_probe/sysfs/amdgpu_sysfs.h"

#include <array>
#include <utility>

#include "gpu_probe/sysfs/amdgpu_sensors.h"
#include "gpu_probe/sysfs/field_reader.h"

namespace rig {
namespace {

// In milliseconds. Kept by the kernel's power management: reading it wakes nothing.
void read_runtime_power(FieldReader& device, GpuReading& reading) {
  constexpr double kMilliseconds = 1e3;
  reading.runtime_state = device.text("power/runtime_status");
  reading.suspended_seconds =
      device.number("power/runtime_suspended_time", kMilliseconds, kAnyCount);
}

GpuQuery questions_about(const GpuReading& reading, std::vector<std::string> clocks) {
  GpuQuery questions;
  for (const auto& [sensor, value] : reading.temperature_celsius)
    questions.temperatures.push_back(sensor);
  questions.clocks = std::move(clocks);
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
  return questions;
}

// As the card says itself. One that says it is busy and is not (rig_gpu_busy_suspect) has a client
// that keeps it awake.
bool is_idle(const GpuReading& reading) {
  const auto busy = reading.busy_ratio.find("gfx");
  return busy != reading.busy_ratio.end() && busy->second == 0;
}

bool says_nothing(const GpuReading& reading) {
  return reading.temperature_celsius.empty() && !reading.power_watts &&
         reading.clock_hertz.empty() && !reading.fan_rpm && !reading.performance_level &&
         reading.busy_ratio.empty() && reading.memory_used_bytes.empty();
}

}  // namespace

AmdgpuSysfs::AmdgpuSysfs(AmdgpuCard card, MarketingName marketing_name,
                         AutosuspendWindow sleep_chance)
    : card_(std::move(card)),
      marketing_name_(std::move(marketing_name)),
      sleep_chance_(sleep_chance) {}

// What can be asked of a card that may be asleep.
GpuReading AmdgpuSysfs::begin() {
  GpuReading reading;
  reading.pci_address = card_.pci_address;
  FieldReader device(card_.device, reading);
  if (!pci_ || pci_->identity.device_id.empty()) {
    GpuReading ignored;  // the card may be on its way out: what is refused is asked for again
    pci_ = read_pci_facts(card_, marketing_name_, ignored);
  }
  read_runtime_power(device, reading);
  return reading;
}

// What is refused once is asked for again in the next reading.
void AmdgpuSysfs::learn_facts(GpuReading& reading) {
  const auto problems_before = reading.problems.size();
  facts_ = read_driver_facts(card_, *pci_, reading);
  facts_complete_ = reading.problems.size() == problems_before;
}

void AmdgpuSysfs::add_facts(GpuReading& reading) const {
  reading.identity = pci_->identity;
  reading.numa_node = pci_->numa_node;
  if (!facts_) return;
  reading.pcie_max_lanes = facts_->best_link.lanes;
  reading.pcie_max_transfers_per_second = facts_->best_link.transfers_per_second;
  reading.temperature_limit_celsius = facts_->temperature_limit_celsius;
  reading.power_cap_min_watts = facts_->power_cap_min_watts;
  reading.power_cap_max_watts = facts_->power_cap_max_watts;
  reading.power_cap_default_watts = facts_->power_cap_default_watts;
  reading.fan_max_rpm = facts_->fan_max_rpm;
  reading.memory_size_bytes = facts_->memory_size_bytes;
  reading.firmware = facts_->firmware;
}

// A driver refuses what is read while its card falls asleep: that is no fault.
bool AmdgpuSysfs::fell_asleep(GpuReading& reading) const {
  if (reading.problems.empty() || !reading.runtime_state) return false;
  GpuReading now;
  FieldReader device(card_.device, now);
  read_runtime_power(device, now);
  if (!may_be_asleep(now.runtime_state)) return false;
  now.pci_address = card_.pci_address;
  now.read_errors["suspended"] = static_cast<double>(reading.problems.size());
  add_facts(now);
  reading = std::move(now);
  return true;
}

// Absent when the card is to stay awake.
std::optional<AutosuspendWindow::Clock::duration> AmdgpuSysfs::autosuspend_delay() const {
  GpuReading ignored;
  FieldReader device(card_.device, ignored);
  if (device.text("power/control") != "auto") return std::nullopt;
  constexpr Range kPlausibleDelay{0, 3600'000};  // below 0: never
  const auto delay = device.number("power/autosuspend_delay_ms", 1, kPlausibleDelay);
  if (!delay) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(*delay));
}

std::optional<AmdgpuReading> AmdgpuSysfs::read() {
  AmdgpuReading result{begin(), {}};
  GpuReading& reading = result.reading;
  const std::chrono::duration<double> alone =
      sleep_chance_.left_alone_for(AutosuspendWindow::Clock::now());
  if (alone.count() > 0) reading.left_alone_seconds = alone.count();
  if (may_be_asleep(reading.runtime_state) || reading.left_alone_seconds) {
    add_facts(reading);
    return result;
  }
  if (!facts_complete_) learn_facts(reading);
  add_facts(reading);
  auto plain_clocks = read_sensors(card_, *facts_, reading);
  // Before gpu_metrics stands in for what is not there: the library looks for it all the same.
  result.questions = questions_about(reading, std::move(plain_clocks));
  read_tables(card_, *pci_, *facts_, metrics_habits_, reading);
  if (says_nothing(reading)) {
    GpuReading ignored;
    if (!FieldReader(card_.device, ignored).text("vendor")) return std::nullopt;
  }
  if (fell_asleep(reading)) result.questions = {};
  if (reading.runtime_state == "active")
    sleep_chance_.sampled(is_idle(reading), autosuspend_delay(), AutosuspendWindow::Clock::now());
  return result;
}

}  // namespace rig
