// The metrics of the GPUs. A metric that exports a field of a GpuReading unchanged is declared by
// the field's row in gpu_protocol/gpu_fields.def; all others are declared here.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "rig/gpu_protocol/gpu_fields.h"
#include "rig/metrics/metric.h"

namespace rig {

inline constexpr auto kGpus = gauge("rig_gpus", Unit::none, "Number of AMD GPUs that are present.");
inline constexpr auto kUp = gpu_gauge("rig_gpu_up", Unit::none,
                                      "1 if the GPU is present and its latest read succeeded, 0 if "
                                      "its driver hangs or rejects all reads, or if the GPU has "
                                      "disappeared since the exporter started.");
inline constexpr auto kSampleAge =
    gpu_gauge("rig_gpu_sample_age_seconds", Unit::seconds, "Time since the GPU was last read.");
inline constexpr auto kReadErrors =
    gpu_counter("rig_gpu_read_errors_total", Unit::none,
                "Reads of the GPU that returned no value since the exporter first saw it, by "
                "reason: unsupported, suspended, reset, permission, timeout, io or implausible.",
                "reason");

// Identity.
inline constexpr auto kInfo = gpu_gauge(
    "rig_gpu_info", Unit::none, "Identity of the GPU; always 1.", "name", "unique_id", "serial",
    "device_id", "revision", "subsystem_id", "vbios_version", "memory_vendor", "card", "render");
inline constexpr auto kDriverInfo =
    gauge("rig_gpu_driver_info", Unit::none,
          "Version of the amdgpu driver, or of the kernel that includes it; always 1.", "version");
inline constexpr auto kPartitionInfo =
    gpu_gauge("rig_gpu_partition_info", Unit::none,
              "Compute and memory partition mode of the GPU; always 1.", "compute", "memory");

// Derived from all samples of the GPU since the exporter started.
inline constexpr auto kTemperaturePeak = gpu_gauge(
    "rig_gpu_temperature_peak_celsius", Unit::celsius,
    "Highest temperature sampled in the peak window, by default the last minute.", "sensor");
inline constexpr auto kPowerPeak =
    gpu_gauge("rig_gpu_power_peak_watts", Unit::watts,
              "Highest power draw sampled in the peak window, by default the last minute.");
inline constexpr auto kBusyPeak = gpu_gauge("rig_gpu_busy_peak_ratio", Unit::ratio,
                                            "Highest utilization sampled in the peak window, by "
                                            "default the last minute, without values that "
                                            "are not believed (rig_gpu_busy_believed_ratio).",
                                            "engine");
inline constexpr auto kEnergy =
    gpu_counter("rig_gpu_energy_joules_total", Unit::joules,
                "Energy used by the GPU since the exporter first saw it, from the GPU's energy "
                "accumulator while it agrees with the power draw, otherwise integrated from the "
                "power draw.");
inline constexpr auto kEnergySource =
    gpu_gauge("rig_gpu_energy_source", Unit::none,
              "1 for the current source of the energy count, 0 for the other: the GPU's energy "
              "accumulator, once its unit is known after a minute, or its power draw.",
              "source");
inline constexpr auto kThrottled =
    gpu_gauge("rig_gpu_throttled", Unit::none,
              "1 while the GPU is throttled for this reason, otherwise 0.", "reason");
inline constexpr auto kThrottleSeconds = gpu_counter(
    "rig_gpu_throttle_seconds_total", Unit::seconds,
    "Time the GPU was throttled for this reason since the exporter first saw it.", "reason");
inline constexpr auto kHostLimitedSeconds = gpu_counter(
    "rig_gpu_host_limited_seconds_total", Unit::seconds,
    "Time the graphics clock was lower than the host allowed since the exporter first saw the GPU, "
    "on average over its XCCs, by reason: power, thermal, low_utilization, and total, which the "
    "firmware counts by itself.",
    "reason");
inline constexpr auto kBusySeconds =
    gpu_counter("rig_gpu_busy_seconds_total", Unit::seconds,
                "Busy time of a GPU engine since the exporter first saw the GPU; its rate is the "
                "average utilization. Time in which the utilization is not believed is not counted "
                "(rig_gpu_busy_believed_ratio).",
                "engine");
inline constexpr auto kBusySuspect =
    gpu_gauge("rig_gpu_busy_suspect", Unit::none,
              "1 if the GPU has reported full utilization for a minute while its memory clock and "
              "memory utilization indicated that it was idle, otherwise 0; absent if they do not "
              "decide.");
inline constexpr auto kBusyBelieved =
    gpu_gauge("rig_gpu_busy_believed_ratio", Unit::ratio,
              "Utilization that the GPU reports for an engine, from 0 to 1, if it is believed: not "
              "while the GPU looks busy and idle at the same time (from the first such sample on), "
              "and not in the first 15 s after the GPU has woken up.",
              "engine");
inline constexpr auto kSuspendedSeconds =
    gpu_counter("rig_gpu_suspended_seconds_total", Unit::seconds,
                "Time the GPU was runtime-suspended since its driver was first loaded.");

// From GpuReading::pcie_errors.
inline constexpr auto kPcieReplays =
    gpu_counter("rig_gpu_pcie_replays_total", Unit::none,
                "Packets retransmitted on the PCIe link to the slot.");
inline constexpr auto kPcieRollovers =
    gpu_counter("rig_gpu_pcie_replay_rollovers_total", Unit::none,
                "Retrainings of the PCIe link after retransmissions failed repeatedly.");
inline constexpr auto kPcieRecoveries =
    gpu_counter("rig_gpu_pcie_recoveries_total", Unit::none,
                "Transitions of the PCIe link from L0 to recovery.");
inline constexpr auto kPcieNaks = gpu_counter(
    "rig_gpu_pcie_naks_total", Unit::none,
    "Negative acknowledgements (NAKs) of corrupted packets on the PCIe link.", "direction");

// Processes.
inline constexpr auto kProcesses = gpu_gauge("rig_gpu_processes", Unit::none,
                                             "Number of processes with compute memory on the GPU.");
inline constexpr auto kProcessMemory =
    gpu_gauge("rig_gpu_process_memory_bytes", Unit::bytes, "GPU memory used by a process.", "pid",
              "command", "unit", "container", "pod", "slurm_job");
inline constexpr auto kProcessSdma =
    gpu_counter("rig_gpu_process_sdma_seconds_total", Unit::seconds,
                "Time the SDMA engines spent on copies of a process.", "pid", "command", "unit",
                "container", "pod", "slurm_job");
inline constexpr auto kProcessUnits =
    gpu_gauge("rig_gpu_process_compute_units", Unit::none, "Compute units occupied by a process.",
              "pid", "command", "unit", "container", "pod", "slurm_job");
inline constexpr auto kProcessEvicted = gpu_counter(
    "rig_gpu_process_evicted_seconds_total", Unit::seconds,
    "Time the queues of a process were stopped on the GPU while memory was moved: because "
    "the memory of all processes does not fit, or host memory that it uses changed.",
    "pid", "command", "unit", "container", "pod", "slurm_job");
inline constexpr auto kProcessFaults =
    gpu_counter("rig_gpu_process_page_faults_total", Unit::none,
                "Page faults of the GPU in memory that a process shares with it.", "pid", "command",
                "unit", "container", "pod", "slurm_job");
inline constexpr auto kProcessMigrated = gpu_counter(
    "rig_gpu_process_migrated_bytes_total", Unit::bytes,
    "Memory that a process shares with the GPU and that was migrated to the GPU (in) or "
    "back to system memory (out).",
    "pid", "command", "unit", "container", "pod", "slurm_job", "direction");

// The probe.
inline constexpr auto kProbeInfo =
    gauge("rig_gpu_probe_info", Unit::none,
          "Source of the GPU readings (rocm_smi or sysfs), and why it is not rocm_smi; always 1.",
          "source", "rocm_smi_version", "reason");
inline constexpr auto kSampleInterval =
    gauge("rig_gpu_sample_interval_seconds", Unit::seconds,
          "Time between two readings of a GPU: gpu.sample-interval, or longer if more than 8 GPUs "
          "would need more CPU time than gpu.max-cpu allows.")
        .within({0.01, 3600});
inline constexpr auto kRestarts =
    counter("rig_gpu_probe_restarts_total", Unit::none,
            "Restarts of rig_gpu_probe, the process that reads the GPUs.");

// Metrics of fields that are used by name elsewhere.
inline constexpr const auto& kRuntimeState = gpu_field::runtime_state.metric;

// Why a metric is missing: shown by the doctor.
struct GpuMetricSource {
  const MetricInfo* metric;
  // Files below SYS/class/drm/cardN/device that it is read from, separated by spaces; * matches any
  // part of a name. Empty: it is not read from files of the GPU.
  std::string_view files;
  std::string_view where;  // which GPUs have it, or when
  // Computed from the samples between scrapes, which --gpu.sample-interval=0 does not take.
  bool needs_interval = false;
};

namespace gpu_metric_source_text {

inline constexpr std::string_view kRead = "on every GPU that has been read";
inline constexpr std::string_view kPowers =
    "hwmon/*/power1_average hwmon/*/power1_input gpu_metrics";
inline constexpr std::string_view kBusyFiles = "gpu_busy_percent mem_busy_percent gpu_metrics";
inline constexpr std::string_view kBusyGpus = "only on GPUs that report their utilization";
inline constexpr std::string_view kThrottling =
    "only on GPUs whose gpu_metrics report throttling, for some reasons from the second reading "
    "on, and for temperatures once the reported value is reliable";
inline constexpr std::string_view kSharedMemory =
    "only while a process uses the GPU for compute, on GPUs that support shared virtual memory";
inline constexpr std::string_view kInUse = "only while a process has compute memory on the GPU";

}  // namespace gpu_metric_source_text

// The metrics that are declared here. To add one, add its constant and a row.
inline constexpr auto kDerivedGpuMetrics = [] {
  using namespace gpu_metric_source_text;
  using gpu_field::kMi300, gpu_field::kSlot, gpu_field::kRuntimePm;
  return std::to_array<GpuMetricSource>({
      {&kGpus, "", "always"},
      {&kUp, "", "on every GPU"},
      {&kSampleAge, "", kRead},
      {&kReadErrors, "", "only once a read has returned no value"},
      {&kInfo, "", kRead},
      {&kDriverInfo, "", "only while amdgpu is loaded"},
      {&kPartitionInfo, "current_compute_partition current_memory_partition", kMi300},
      {&kTemperaturePeak, "hwmon/*/temp*_input gpu_metrics", "only on GPUs with a sensor", true},
      {&kPowerPeak, kPowers, "only on GPUs that measure their power", true},
      {&kBusyPeak, kBusyFiles, kBusyGpus, true},
      {&kEnergy, kPowers, "only on GPUs that measure their energy or power", true},
      {&kEnergySource, kPowers, "only on GPUs that measure their energy or power", true},
      {&kThrottled, "gpu_metrics", kThrottling},
      {&kThrottleSeconds, "gpu_metrics", kThrottling, true},
      {&kHostLimitedSeconds, "gpu_metrics",
       "only on Instinct GPUs since MI300 whose gpu_metrics are of version 1.7 or later"},
      {&kBusySeconds, kBusyFiles, kBusyGpus, true},
      {&kBusyBelieved, kBusyFiles,
       "only on GPUs that report their utilization, while it can be believed", true},
      {&kBusySuspect,
       "gpu_busy_percent mem_busy_percent pp_dpm_mclk hwmon/*/power1_average hwmon/*/power1_input "
       "hwmon/*/power1_cap",
       "only if gfx utilization and the memory clock with its lowest level are known, not on GPUs "
       "with a constant memory clock, and not while an APU's memory may be in use by the CPU",
       true},
      {&kSuspendedSeconds, "power/runtime_suspended_time", kRuntimePm},
      {&kPcieReplays, "pcie_replay_count gpu_metrics", kSlot},
      {&kPcieRollovers, "gpu_metrics", kMi300},
      {&kPcieRecoveries, "gpu_metrics", kMi300},
      {&kPcieNaks, "gpu_metrics", kMi300},
      {&kProcesses, "", "only where class/kfd/kfd/proc exists and KFD lists the GPU"},
      {&kProcessMemory, "", kInUse},
      {&kProcessSdma, "", kInUse},
      {&kProcessUnits, "", "only on Instinct GPUs, while a process computes on them"},
      {&kProcessEvicted, "", "only while a process uses the GPU for compute"},
      {&kProcessFaults, "", kSharedMemory},
      {&kProcessMigrated, "", kSharedMemory},
      {&kProbeInfo, "", "only once rig_gpu_probe has reported"},
      {&kSampleInterval, "", "not with gpu.sample-interval 0", true},
      {&kRestarts, "", "always"},
  });
}();

// All metrics of the GPUs.
inline constexpr auto kGpuMetrics = [] {
  constexpr std::size_t kFields = [] {
    std::size_t count = 0;
    for_each_gpu_field([&](const auto& field) {
      if (field.exported()) ++count;
    });
    return count;
  }();
  std::array<const MetricInfo*, kDerivedGpuMetrics.size() + kFields> metrics{};
  std::size_t next = 0;
  for (const GpuMetricSource& source : kDerivedGpuMetrics) metrics[next++] = source.metric;
  for_each_gpu_field([&](const auto& field) {
    if (field.exported()) metrics[next++] = &field.metric;
  });
  return metrics;
}();

}  // namespace rig
