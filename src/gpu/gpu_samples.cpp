#include "gpu/gpu_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "gpu/derived/gpu_history.h"
#include "gpu/gpu_limits.h"
#include "rig/gpu/gpu_families.h"

namespace rig {
namespace {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

// While a GPU is being reset, its driver rejects all reads that access it. Memory use and identity
// are still reported, from data that the driver stores: they do not show that the GPU works if
// other reads fail.
bool driver_responds(const GpuReading& reading) {
  if (may_be_asleep(reading.runtime_state) || reading.left_alone_seconds) return true;
  const bool has_values = !reading.temperature_celsius.empty() || reading.power_watts ||
                          !reading.clock_hertz.empty() || reading.fan_rpm || reading.fan_ratio ||
                          reading.performance_level || !reading.busy_ratio.empty();
  return has_values || (!reading.memory_used_bytes.empty() && reading.problems.empty());
}

// Adds the samples of one GPU.
class SamplesOfGpu {
 public:
  SamplesOfGpu(Samples& samples, const std::string& index, const std::string& pci_address)
      : samples_(samples), index_(index), pci_address_(pci_address) {}

  void add_reading(const GpuReading& reading, bool serial_numbers) {
    for_each_gpu_field([&](const auto& field) {
      if (field.exported()) add_field(field, reading.*field.member);
    });
    add_identity(reading, serial_numbers);
    add_pcie_errors(reading.pcie_errors);
    for (const Problem& problem : reading.problems) samples_.add_problem(problem);
  }

  // Values derived from all readings.
  void add_totals(const GpuTotals& totals) {
    add(kEnergy, totals.energy_joules);
    add_energy_source(totals.energy_source);
    add(kPowerPeak, totals.power_peak_watts);
    add_each(kTemperaturePeak, totals.temperature_peak_celsius);
    add_each(kBusyPeak, totals.busy_peak_ratio);
    add_each(kBusySeconds, totals.busy_seconds);
    add_each(kBusyBelieved, totals.busy_believed_ratio);
    if (totals.busy_suspect) add(kBusySuspect, *totals.busy_suspect ? 1.0 : 0.0);
    add_each(kThrottled, totals.throttled);
    add_each(kThrottleSeconds, totals.throttle_seconds);
    add_each(kHostLimitedSeconds, totals.host_limited_seconds);
    add(kSuspendedSeconds, totals.suspended_seconds);
    add_each(kReadErrors, totals.read_errors);
  }

  void add_process_count(double count) { add(kProcesses, count); }
  void add_process(const GpuProcess& process) {
    add_of_process(kProcessMemory, process, process.memory_bytes);
    add_of_process(kProcessSdma, process, process.sdma_seconds);
    add_of_process(kProcessUnits, process, process.compute_units);
    add_of_process(kProcessEvicted, process, process.evicted_seconds);
    add_of_process(kProcessFaults, process, process.page_faults);
    for (const auto& [direction, bytes] : process.migrated_bytes)
      add_of_process(kProcessMigrated, process, bytes, direction);
  }

  void add_up(bool up) { add(kUp, up ? 1.0 : 0.0); }
  void add_age(Duration age) { add(kSampleAge, seconds(age)); }

  void add_problem(Reason reason, std::string detail) {
    samples_.add_problem(
        {reason, fmt::format("GPU {} ({})", index_, pci_address_), std::move(detail)});
  }

 private:
  template <typename M, typename... Values>
  void add(const M& metric, std::optional<double> value, const Values&... label_values) {
    samples_.add(metric, value, index_, pci_address_, label_values...);
  }

  template <typename M>
  void add_each(const M& metric, const LabeledNumbers& values) {
    for (const auto& [label, value] : values) add(metric, value, label);
  }

  template <typename M, typename... Values>
  void add_of_process(const M& metric, const GpuProcess& process, std::optional<double> value,
                      const Values&... label_values) {
    add(metric, value, fmt::format("{:.0f}", process.pid), process.command, process.unit,
        process.container, process.pod, process.slurm_job, label_values...);
  }

  void add_field(const GpuField<std::optional<double>>& field, std::optional<double> value) {
    add(field.metric, value);
  }
  void add_field(const GpuField<LabeledNumbers>& field, const LabeledNumbers& values) {
    add_each(field.metric, values);
  }
  void add_field(const GpuField<NestedNumbers>& field, const NestedNumbers& values) {
    for (const auto& [first, inner] : values) {
      for (const auto& [second, value] : inner) add(field.metric, value, first, second);
    }
  }
  void add_field(const GpuField<LabeledTexts>& field, const LabeledTexts& texts) {
    for (const auto& [label, text] : texts) add(field.metric, 1.0, label, text);
  }
  void add_field(const GpuField<std::optional<std::string>>& field,
                 const std::optional<std::string>& state) {
    if (state) {
      samples_.add_states(field.metric, field.states, std::string_view(*state), index_,
                          pci_address_);
    }
  }
  void add_field(const GpuField<std::string>& /*unused*/, const std::string& /*unused*/) {}

  void add_energy_source(std::optional<EnergySource> source) {
    if (!source) return;
    const bool accumulator = source == EnergySource::accumulator;
    add(kEnergySource, accumulator ? 1.0 : 0.0, "accumulator");
    add(kEnergySource, accumulator ? 0.0 : 1.0, "power");
  }

  void add_identity(const GpuReading& reading, bool serial_numbers) {
    GpuIdentity identity = reading.identity;
    if (!serial_numbers) {
      identity.unique_id.clear();
      identity.serial.clear();
    }
    add(kInfo, 1.0, identity.name, identity.unique_id, identity.serial, identity.device_id,
        identity.revision, identity.subsystem_id, identity.vbios_version, identity.memory_vendor,
        identity.card, identity.render);
    if (!reading.compute_partition.empty() || !reading.memory_partition.empty())
      add(kPartitionInfo, 1.0, reading.compute_partition, reading.memory_partition);
  }

  void add_pcie_errors(const LabeledNumbers& errors) {
    add(kPcieReplays, value_in(errors, "replays"));
    add(kPcieRollovers, value_in(errors, "replay_rollovers"));
    add(kPcieRecoveries, value_in(errors, "recoveries"));
    add(kPcieNaks, value_in(errors, "naks_sent"), "sent");
    add(kPcieNaks, value_in(errors, "naks_received"), "received");
  }

  Samples& samples_;
  const std::string& index_;
  const std::string& pci_address_;
};

void add_gpu(SamplesOfGpu samples, const ProbeGpu& gpu, Time now, Duration fresh_for,
             bool serial_numbers) {
  const auto age = now - (gpu.reading ? gpu.read_at : gpu.listed_since);
  if (gpu.reading) samples.add_age(age);
  if (gpu.reading && age <= fresh_for) {
    const bool up = driver_responds(*gpu.reading);
    samples.add_up(up);
    samples.add_reading(*gpu.reading, serial_numbers);
    if (gpu.totals) samples.add_totals(*gpu.totals);
    if (!up) samples.add_problem(Reason::resetting, "the driver rejects all reads");
    return;
  }
  // A GPU that was just listed is neither up nor down until its first reading.
  if (!gpu.reading && gpu.presence.waiting_seconds <= 0 && age <= fresh_for) return;
  samples.add_up(false);
  // Without the duration, which is in the sample age: a text that differs in each scrape would
  // flood the log.
  samples.add_problem(Reason::timed_out, "the driver does not respond");
}

// The series of a process remain distinct, because a pid is unique.
GpuProcess without_owner(const GpuProcess& process) {
  GpuProcess anonymous = process;
  for (auto* text : {&anonymous.command, &anonymous.unit, &anonymous.container, &anonymous.pod,
                     &anonymous.slurm_job})
    text->clear();
  return anonymous;
}

// Without labels, the processes are not summed instead: there may be more than are reported, and a
// sum of counters would decrease whenever one ends.
//
// Only of GPUs that are listed: KFD may still list one that amdgpu has just released.
void add_processes(Samples& samples, const ProbeSnapshot& probe, GpuIndices& indices, Time now,
                   Duration fresh_for, GpuProcessLabels labels) {
  const bool hung =
      probe.processes ? now - probe.processes_at > fresh_for : probe.processes_waiting;
  if (hung)
    samples.add_problem({Reason::timed_out, "KFD", "reading the processes of the GPUs timed out"});
  if (hung || !probe.processes) return;
  const auto& gpus = *probe.gpus;
  for (const auto& [address, count] : probe.processes->counts) {
    if (gpus.contains(address))
      SamplesOfGpu(samples, indices.index_of(address), address).add_process_count(count);
  }
  if (labels == GpuProcessLabels::none) return;
  for (const auto& process : probe.processes->processes) {
    const std::string& address = process.pci_address;
    if (!gpus.contains(address)) continue;
    SamplesOfGpu(samples, indices.index_of(address), address)
        .add_process(labels == GpuProcessLabels::pid ? without_owner(process) : process);
  }
}

// Why it is unknown which GPUs are present; std::nullopt if it is known.
std::optional<Problem> why_unknown(const ProbeSnapshot& probe, Time now, Duration fresh_for) {
  const auto unavailable = [](std::string detail) {
    return Problem{Reason::unavailable, "rig_gpu_probe", std::move(detail)};
  };
  if (!probe.startable) return Problem{Reason::failed, {}, probe.down};  // says what to do
  if (!probe.down.empty()) return Problem{Reason::unavailable, {}, probe.down};
  if (!probe.gpus) return unavailable("started, but has not reported yet");
  if (now - probe.listed_at <= fresh_for) return std::nullopt;
  // Whole seconds: a text that differs in each scrape would flood the log.
  const auto whole = std::chrono::floor<std::chrono::seconds>(fresh_for).count();
  if (whole == 0) return unavailable("has not reported in time");
  return unavailable(fmt::format("has not reported for more than {} s", whole));
}

}  // namespace

bool has_first_readings(const ProbeSnapshot& probe) {
  if (!probe.startable) return true;
  if (!probe.report || !probe.gpus) return false;
  return std::ranges::all_of(*probe.gpus, [](const auto& entry) {
    return entry.second.reading || entry.second.presence.waiting_seconds > 0;
  });
}

bool has_readings_since(Time requested, const ProbeSnapshot& probe) {
  const bool has_exited = !probe.report && !probe.down.empty();
  if (!probe.startable || has_exited) return true;
  if (!probe.report || !probe.gpus || probe.listed_at < requested) return false;
  const bool reads_processes = probe.processes && !probe.processes_waiting;
  if (reads_processes && probe.processes_at < requested) return false;
  return std::ranges::all_of(*probe.gpus, [&](const auto& entry) {
    const ProbeGpu& gpu = entry.second;
    return gpu.presence.waiting_seconds > 0 || (gpu.reading && gpu.read_at >= requested);
  });
}

void add_gpu_samples(Samples& samples, const ProbeSnapshot& probe, GpuIndices& indices, Time now,
                     Duration fresh_for, const GpuIdentification& shown) {
  if (const auto& report = probe.report) {
    samples.add(kProbeInfo, 1.0, report->source, report->rocm_smi_version, report->reason);
    if (report->interval_seconds > 0) samples.add(kSampleInterval, report->interval_seconds);
    if (!report->driver_version.empty()) samples.add(kDriverInfo, 1.0, report->driver_version);
  }
  if (auto problem = why_unknown(probe, now, fresh_for)) {
    samples.add_problem(*std::move(problem));
    return;
  }
  const std::size_t count = probe.gpus->size() + probe.gpus_left_out;
  samples.add(kGpus, static_cast<double>(count));
  if (probe.gpus_left_out > 0) {
    samples.add_problem(
        {Reason::implausible, "rig_gpu_probe",
         fmt::format("lists {} GPUs; only the first {} are shown", count, kMaxGpus)});
  }
  for (const auto& [address, gpu] : *probe.gpus) {
    add_gpu(SamplesOfGpu(samples, indices.index_of(address), address), gpu, now, fresh_for,
            shown.serial_numbers);
  }
  add_processes(samples, probe, indices, now, fresh_for, shown.processes);
  for (const auto& [address, index] : indices.all()) {
    if (!probe.gpus->contains(address)) SamplesOfGpu(samples, index, address).add_up(false);
  }
}

}  // namespace rig
