#include "gpu_probe/sysfs/amdgpu_sysfs.h"

#include <utility>

#include "gpu_probe/sysfs/amdgpu_fields.h"
#include "gpu_probe/sysfs/amdgpu_sensors.h"
#include "gpu_probe/sysfs/field_reader.h"
#include "rig/kernel/cached_structure.h"

namespace rig {
namespace {

GpuQuery safe_query(const GpuReading& reading, std::vector<std::string> clocks) {
  GpuQuery query;
  for (const auto& [sensor, value] : reading.temperature_celsius)
    query.temperatures.push_back(sensor);
  query.clocks = std::move(clocks);
  query.power = reading.power_watts.has_value();
  query.power_cap = reading.power_cap_watts.has_value();
  query.fan_rpm = reading.fan_rpm.has_value();
  query.fan_ratio = reading.fan_ratio.has_value();
  query.performance_level = reading.performance_level.has_value();
  // If the driver reports no VRAM (APU), the library reads the size from /dev/kfd, which makes it a
  // user of the GPU itself.
  const auto size = reading.memory_size_bytes.find("vram");
  query.memory_size = size != reading.memory_size_bytes.end() && size->second > 0;
  query.memory_used = query.memory_size && reading.memory_used_bytes.contains("vram");
  return query;
}

// As reported by the GPU. A GPU that reports being busy although it is idle (rig_gpu_busy_suspect)
// has a client that keeps it awake.
bool is_idle(const GpuReading& reading) {
  const auto busy = reading.busy_ratio.find("gfx");
  return busy != reading.busy_ratio.end() && busy->second == 0;
}

// Values for which the driver accesses the GPU. It stores the memory use itself.
bool responds(const GpuReading& reading) {
  return !reading.temperature_celsius.empty() || reading.power_watts ||
         !reading.clock_hertz.empty() || reading.fan_rpm || reading.fan_ratio ||
         reading.performance_level || !reading.busy_ratio.empty();
}

void relabel_busy(GpuReading& reading) {
  double busy = 0;
  for (Problem& problem : reading.problems) {
    if (problem.reason != Reason::busy) continue;
    problem.reason = Reason::resetting;
    ++busy;
  }
  if (busy == 0) return;
  reading.read_errors["reset"] += busy;
  if ((reading.read_errors["io"] -= busy) <= 0) reading.read_errors.erase("io");
}

}  // namespace

AmdgpuSysfs::AmdgpuSysfs(AmdgpuCard card, MarketingName marketing_name,
                         AutosuspendWindow autosuspend_window)
    : card_(std::move(card)),
      marketing_name_(std::move(marketing_name)),
      history_(card_.device.native()),
      autosuspend_window_(autosuspend_window) {}

// What can be read while the GPU may be asleep.
GpuReading AmdgpuSysfs::begin() {
  GpuReading reading;
  reading.pci_address = card_.pci_address;
  history_.refused.clear();
  history_.lost_file = false;
  FieldReader device(card_.device, reading, &history_);
  if (!pci_ || pci_->identity.device_id.empty()) {
    const DirectReads kept_for_long;
    GpuReading ignored;  // the GPU may be disappearing; failed reads are retried
    pci_ = read_pci_properties(card_, marketing_name_, ignored);
  }
  read_fields(device, card_.hwmon, Refresh::even_asleep, reading);
  read_aer(pci_->aer, reading);
  return reading;
}

// Read again with the next sample if any of them failed.
void AmdgpuSysfs::read_properties(GpuReading& reading) {
  const DirectReads kept_for_long;
  const auto problems_before = reading.problems.size();
  const auto refused_before = history_.refused.size();
  properties_ = read_driver_properties(card_, *pci_, history_, reading);
  // A reset that ended in the meantime may have refused some: they are read once more.
  const bool refused = history_.refused.size() > refused_before;
  properties_complete_ =
      reading.problems.size() == problems_before && (!refused || properties_refused_);
  properties_refused_ = refused;
}

void AmdgpuSysfs::add_properties(GpuReading& reading) const {
  reading.identity = pci_->identity;
  reading.numa_node = pci_->numa_node;
  if (properties_) copy_constant_fields(properties_->values, reading);
}

// While the driver resets the GPU, it refuses all reads that access it: with EPERM, which may also
// mean that the GPU lacks the value, and with EBUSY on later kernels.
void AmdgpuSysfs::judge_refused(GpuReading& reading) {
  const bool resetting = !responds(reading);
  if (resetting) relabel_busy(reading);
  if (history_.refused.empty()) return;
  reading.read_errors[resetting ? "reset" : "unsupported"] +=
      static_cast<double>(history_.refused.size());
  if (!resetting) return;
  properties_complete_ = properties_refused_ = false;
  for (Problem& problem : history_.refused) {
    problem.reason = Reason::resetting;
    reading.problems.push_back(std::move(problem));
  }
}

bool AmdgpuSysfs::was_removed(const GpuReading& reading) const {
  const bool has_values = responds(reading) || !reading.memory_used_bytes.empty();
  if (has_values && !history_.lost_file) return false;
  GpuReading ignored;
  return !FieldReader(card_.device, ignored).text("vendor");
}

// The driver rejects reads while the GPU is being suspended, which is not a problem.
bool AmdgpuSysfs::fell_asleep(GpuReading& reading) const {
  if (reading.problems.empty() || !reading.runtime_state) return false;
  GpuReading now;
  FieldReader device(card_.device, now);
  read_fields(device, card_.hwmon, Refresh::even_asleep, now);
  if (!may_be_asleep(now.runtime_state)) return false;
  read_aer(pci_->aer, now);
  now.pci_address = card_.pci_address;
  now.read_errors["suspended"] = static_cast<double>(reading.problems.size());
  add_properties(now);
  reading = std::move(now);
  return true;
}

// std::nullopt if the GPU does not autosuspend.
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
  const std::chrono::duration<double> pause =
      autosuspend_window_.remaining(AutosuspendWindow::Clock::now());
  if (pause.count() > 0) reading.left_alone_seconds = pause.count();
  if (may_be_asleep(reading.runtime_state) || reading.left_alone_seconds) {
    add_properties(reading);
    remove_implausible(reading);
    return result;
  }
  if (!properties_complete_) read_properties(reading);
  add_properties(reading);
  auto parsable_clocks = read_sensors(card_, *properties_, history_, reading);
  // Before gpu_metrics supplies missing values: the library would read the missing files.
  result.query = safe_query(reading, std::move(parsable_clocks));
  read_tables(card_, *pci_, *properties_, history_, metrics_quirks_, reading);
  FieldReader device(card_.device, reading, &history_);
  reading.power_profile = power_profile_.read(device, PowerProfile::Clock::now());
  if (was_removed(reading)) return std::nullopt;
  judge_refused(reading);
  remove_implausible(reading);
  if (fell_asleep(reading)) result.query = {};
  if (reading.runtime_state == "active") {
    const bool idle = is_idle(reading);  // otherwise the delay is of no interest
    autosuspend_window_.update(idle, idle ? autosuspend_delay() : std::nullopt,
                               AutosuspendWindow::Clock::now());
  }
  return result;
}

}  // namespace rig
