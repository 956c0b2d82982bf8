#include "gpu/gpu_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "gpu/derived/gpu_history.h"
#include "rig/gpu/gpu_families.h"

namespace rig {
namespace {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

template <typename T>
std::optional<std::string_view> view_of(const std::optional<T>& text) {
  if (!text) return std::nullopt;
  return std::string_view(*text);
}

std::optional<double> value_in(const std::map<std::string, double>& values, const char* key) {
  const auto found = values.find(key);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

// While a GPU is reset its driver refuses every read that goes to the GPU. What it knows by itself,
// memory in use and the identity, it still tells: that is no sign of life where others are refused.
bool shows_life(const GpuReading& reading) {
  if (may_be_asleep(reading.runtime_state) || reading.left_alone_seconds) return true;
  const bool told = !reading.temperature_celsius.empty() || reading.power_watts ||
                    !reading.clock_hertz.empty() || reading.fan_rpm || reading.fan_ratio ||
                    reading.performance_level || !reading.busy_ratio.empty();
  return told || (!reading.memory_used_bytes.empty() && reading.problems.empty());
}

// The samples of one card.
class CardSamples {
 public:
  CardSamples(Samples& samples, const std::string& number, const std::string& pci_address)
      : samples_(samples), number_(number), pci_address_(pci_address) {}

  void add_values(const GpuReading& reading) {
    add_identity(reading);
    add_heat_and_power(reading);
    add_load(reading);
    add_each(kMemorySize, reading.memory_size_bytes);
    add_each(kMemoryUsed, reading.memory_used_bytes);
    add_each_of_each(kEccErrors, reading.ecc_errors);
    add_each(kBadPages, reading.bad_pages);
    add_links(reading);
    samples_.add_states(kRuntimeState, kRuntimeStates, view_of(reading.runtime_state), number_,
                        pci_address_);
    for (const auto& problem : reading.problems) samples_.problem(problem);
  }

  // What comes of all readings so far.
  void add_totals(const GpuTotals& totals) {
    add(kEnergy, totals.energy_joules);
    add(kPowerPeak, totals.power_peak_watts);
    add_each(kTemperaturePeak, totals.temperature_peak_celsius);
    add_each(kBusyPeak, totals.busy_peak_ratio);
    add_each(kBusySeconds, totals.busy_seconds);
    if (totals.busy_suspect) add(kBusySuspect, *totals.busy_suspect ? 1.0 : 0.0);
    add_each(kThrottled, totals.throttled);
    add_each(kThrottleSeconds, totals.throttle_seconds);
    add(kSuspendedSeconds, totals.suspended_seconds);
    add_each(kReadErrors, totals.read_errors);
  }

  void add_processes(double count) { add(kProcesses, count); }
  void add_process(const GpuProcess& process) {
    add_of_process(kProcessMemory, process, process.memory_bytes);
    add_of_process(kProcessSdma, process, process.sdma_seconds);
    add_of_process(kProcessUnits, process, process.compute_units);
  }

  void add_up(bool up) { add(kUp, up ? 1.0 : 0.0); }
  void add_age(Duration age) { add(kSampleAge, seconds(age)); }

  void add_problem(std::string_view what) {
    samples_.problem(fmt::format("GPU {} ({}): {}", number_, pci_address_, what));
  }

 private:
  template <typename M, typename... Values>
  void add(const M& metric, std::optional<double> value, const Values&... label_values) {
    samples_.add(metric, value, number_, pci_address_, label_values...);
  }

  template <typename M>
  void add_each(const M& metric, const std::map<std::string, double>& values) {
    for (const auto& [label, value] : values) add(metric, value, label);
  }

  template <typename M>
  void add_each_of_each(const M& metric,
                        const std::map<std::string, std::map<std::string, double>>& values) {
    for (const auto& [first, inner] : values) {
      for (const auto& [second, value] : inner) add(metric, value, first, second);
    }
  }

  template <typename M>
  void add_of_process(const M& metric, const GpuProcess& process, std::optional<double> value) {
    add(metric, value, fmt::format("{:.0f}", process.pid), process.command, process.unit,
        process.container, process.pod, process.slurm_job);
  }

  void add_identity(const GpuReading& reading) {
    const GpuIdentity& identity = reading.identity;
    add(kInfo, 1.0, identity.name, identity.unique_id, identity.serial, identity.device_id,
        identity.revision, identity.subsystem_id, identity.vbios_version, identity.memory_vendor,
        identity.card, identity.render);
    for (const auto& [block, version] : reading.firmware) add(kFirmwareInfo, 1.0, block, version);
    add(kNumaNode, reading.numa_node);
    if (!reading.compute_partition.empty() || !reading.memory_partition.empty())
      add(kPartitionInfo, 1.0, reading.compute_partition, reading.memory_partition);
  }

  void add_heat_and_power(const GpuReading& reading) {
    add_each(kTemperature, reading.temperature_celsius);
    add_each_of_each(kTemperatureLimit, reading.temperature_limit_celsius);
    add(kPower, reading.power_watts);
    add(kPowerCap, reading.power_cap_watts);
    add(kPowerCapMin, reading.power_cap_min_watts);
    add(kPowerCapMax, reading.power_cap_max_watts);
    add(kPowerCapDefault, reading.power_cap_default_watts);
    add_each(kVoltage, reading.voltage_volts);
    add(kFan, reading.fan_rpm);
    add(kFanMax, reading.fan_max_rpm);
    add(kFanRatio, reading.fan_ratio);
  }

  void add_load(const GpuReading& reading) {
    add_each(kClock, reading.clock_hertz);
    add_each(kClockMin, reading.clock_min_hertz);
    add_each(kClockMax, reading.clock_max_hertz);
    samples_.add_states(kPerformanceLevel, kPerformanceLevels, view_of(reading.performance_level),
                        number_, pci_address_);
    add_each(kOverdrive, reading.overdrive_ratio);
    add_each(kBusy, reading.busy_ratio);
  }

  void add_links(const GpuReading& reading) {
    add(kPcieTransfers, reading.pcie_transfers_per_second);
    add(kPcieMaxTransfers, reading.pcie_max_transfers_per_second);
    add(kPcieLanes, reading.pcie_lanes);
    add(kPcieMaxLanes, reading.pcie_max_lanes);
    const auto errors = [&](const char* kind) { return value_in(reading.pcie_errors, kind); };
    add(kPcieReplays, errors("replays"));
    add(kPcieRollovers, errors("replay_rollovers"));
    add(kPcieRecoveries, errors("recoveries"));
    add(kPcieNaks, errors("naks_sent"), "sent");
    add(kPcieNaks, errors("naks_received"), "received");
    add_each_of_each(kXgmiBytes, reading.xgmi_bytes);
  }

  Samples& samples_;
  const std::string& number_;
  const std::string& pci_address_;
};

void add_listed(CardSamples card, const ProbeGpu& gpu, Time now, Duration fresh_for) {
  const auto silent = now - (gpu.reading ? gpu.read_at : gpu.listed_since);
  if (gpu.reading) card.add_age(silent);
  if (gpu.reading && silent <= fresh_for) {
    card.add_up(shows_life(*gpu.reading));
    card.add_values(*gpu.reading);
    if (gpu.totals) card.add_totals(*gpu.totals);
    if (!shows_life(*gpu.reading)) card.add_problem("its driver answers and refuses every value");
    return;
  }
  // A card whose first reading is due any moment is neither up nor down.
  if (!gpu.reading && gpu.presence.waiting_seconds <= 0 && silent <= fresh_for) return;
  card.add_up(false);
  // For how long is in the sample's age: a text that changes with every scrape would fill the log.
  card.add_problem("its driver does not answer");
}

// Of the cards that are listed: KFD may know one that amdgpu has just let go of.
void add_processes(Samples& samples, const ProbeSnapshot& probe, GpuNumbers& numbers, Time now,
                   Duration fresh_for) {
  const bool silent =
      probe.processes ? now - probe.processes_at > fresh_for : probe.processes_waiting;
  if (silent) samples.problem("KFD does not answer who uses the GPUs");
  if (silent || !probe.processes) return;
  const auto& gpus = *probe.gpus;
  for (const auto& [address, count] : probe.processes->counts) {
    if (gpus.contains(address))
      CardSamples(samples, numbers.number_of(address), address).add_processes(count);
  }
  for (const auto& process : probe.processes->processes) {
    const std::string& address = process.pci_address;
    if (gpus.contains(address))
      CardSamples(samples, numbers.number_of(address), address).add_process(process);
  }
}

// Why nothing is known of the cards; empty when their list is fresh.
std::string why_unknown(const ProbeSnapshot& probe, Time now, Duration fresh_for) {
  if (!probe.down.empty()) return probe.down;
  if (!probe.gpus) return "rig_gpu_probe was started and has said nothing yet";
  if (now - probe.listed_at <= fresh_for) return {};
  return fmt::format("rig_gpu_probe has said nothing for more than {} s", seconds(fresh_for));
}

}  // namespace

bool has_first_readings(const ProbeSnapshot& probe) {
  if (!probe.startable) return true;
  if (!probe.report || !probe.gpus) return false;
  return std::all_of(probe.gpus->begin(), probe.gpus->end(), [](const auto& entry) {
    return entry.second.reading || entry.second.presence.waiting_seconds > 0;
  });
}

void add_gpu_samples(Samples& samples, const ProbeSnapshot& probe, GpuNumbers& numbers, Time now,
                     Duration fresh_for) {
  samples.add(kRestarts, static_cast<double>(probe.restarts));
  if (const auto& report = probe.report) {
    samples.add(kProbeInfo, 1.0, report->source, report->rocm_smi_version, report->reason);
    if (!report->driver_version.empty()) samples.add(kDriverInfo, 1.0, report->driver_version);
  }
  if (auto why = why_unknown(probe, now, fresh_for); !why.empty()) {
    samples.problem(std::move(why));
    return;
  }
  samples.add(kGpus, static_cast<double>(probe.gpus->size()));
  for (const auto& [address, gpu] : *probe.gpus) {
    const CardSamples card(samples, numbers.number_of(address), address);
    add_listed(card, gpu, now, fresh_for);
  }
  add_processes(samples, probe, numbers, now, fresh_for);
  for (const auto& [address, number] : numbers.all()) {
    if (!probe.gpus->contains(address)) CardSamples(samples, number, address).add_up(false);
  }
}

}  // namespace rig
