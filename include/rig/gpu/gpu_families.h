// Every metric of the GPUs, declared.
#pragma once

#include <array>

#include "rig/metrics/metric.h"

namespace rig {

inline constexpr auto kGpus = gauge("rig_gpus", Unit::none, "AMD GPUs that are present now.");
inline constexpr auto kUp = gauge("rig_gpu_up", Unit::none,
                                  "1: the GPU is there and has just answered. 0: its driver hangs "
                                  "or refuses, or the GPU has vanished since the exporter started.",
                                  "gpu", "pci_address");
inline constexpr auto kSampleAge = gauge("rig_gpu_sample_age_seconds", Unit::seconds,
                                         "Time since the GPU was last read.", "gpu", "pci_address");
inline constexpr auto kReadErrors =
    counter("rig_gpu_read_errors_total", Unit::none,
            "Reads of the GPU that brought no value, by why: unsupported, suspended, reset, "
            "permission, timeout, io, or an implausible value.",
            "gpu", "pci_address", "reason");

// What it is.
inline constexpr auto kInfo =
    gauge("rig_gpu_info", Unit::none, "Identity of a GPU; always 1.", "gpu", "pci_address", "name",
          "unique_id", "serial", "device_id", "revision", "subsystem_id", "vbios_version",
          "memory_vendor", "card", "render");
inline constexpr auto kDriverInfo =
    gauge("rig_gpu_driver_info", Unit::none,
          "Version of the amdgpu driver, or of the kernel that it came with; always 1.", "version");
inline constexpr auto kFirmwareInfo =
    gauge("rig_gpu_firmware_info", Unit::none, "Version of a firmware block of the GPU; always 1.",
          "gpu", "pci_address", "firmware", "version");
inline constexpr auto kNumaNode = gauge(
    "rig_gpu_numa_node", Unit::none,
    "NUMA node that the GPU is attached to; no sample where there is none.", "gpu", "pci_address");
inline constexpr auto kPartitionInfo =
    gauge("rig_gpu_partition_info", Unit::none, "How the GPU is partitioned; always 1.", "gpu",
          "pci_address", "compute", "memory");

// Heat and power.
inline constexpr auto kTemperature =
    gauge("rig_gpu_temperature_celsius", Unit::celsius, "Temperature of a GPU sensor.", "gpu",
          "pci_address", "sensor");
inline constexpr auto kTemperatureLimit =
    gauge("rig_gpu_temperature_limit_celsius", Unit::celsius,
          "Temperature at which the GPU acts: critical or emergency.", "gpu", "pci_address",
          "sensor", "limit");
inline constexpr auto kTemperaturePeak =
    gauge("rig_gpu_temperature_peak_celsius", Unit::celsius,
          "Highest sample of the peak window, by default the last minute.", "gpu", "pci_address",
          "sensor");
inline constexpr auto kPower = gauge(
    "rig_gpu_power_watts", Unit::watts,
    "Power: average where the GPU reports an average, else of the moment.", "gpu", "pci_address");
inline constexpr auto kPowerPeak =
    gauge("rig_gpu_power_peak_watts", Unit::watts,
          "Highest sample of the peak window, by default the last minute.", "gpu", "pci_address");
inline constexpr auto kPowerCap = gauge("rig_gpu_power_cap_watts", Unit::watts,
                                        "Power that the GPU may take.", "gpu", "pci_address");
inline constexpr auto kPowerCapMin =
    gauge("rig_gpu_power_cap_min_watts", Unit::watts, "Lowest power cap that can be set.", "gpu",
          "pci_address");
inline constexpr auto kPowerCapMax =
    gauge("rig_gpu_power_cap_max_watts", Unit::watts, "Highest power cap that can be set.", "gpu",
          "pci_address");
inline constexpr auto kPowerCapDefault =
    gauge("rig_gpu_power_cap_default_watts", Unit::watts, "Power cap that the GPU starts with.",
          "gpu", "pci_address");
inline constexpr auto kEnergy = counter("rig_gpu_energy_joules_total", Unit::joules,
                                        "Energy that the GPU took since the exporter first saw it, "
                                        "from its own accumulator, else from power over time.",
                                        "gpu", "pci_address");
inline constexpr auto kVoltage =
    gauge("rig_gpu_voltage_volts", Unit::volts, "Voltage of a rail of the GPU.", "gpu",
          "pci_address", "rail");
inline constexpr auto kFan =
    gauge("rig_gpu_fan_rpm", Unit::rpm, "Speed of the fan; 0 while it is allowed to stand still.",
          "gpu", "pci_address");
inline constexpr auto kFanMax =
    gauge("rig_gpu_fan_max_rpm", Unit::rpm, "Highest speed of the fan.", "gpu", "pci_address");
inline constexpr auto kFanRatio =
    gauge("rig_gpu_fan_ratio", Unit::ratio, "Duty cycle of the fan, 0 to 1.", "gpu", "pci_address");
inline constexpr auto kThrottled =
    gauge("rig_gpu_throttled", Unit::none, "1 while the GPU is held back for that reason.", "gpu",
          "pci_address", "reason");
inline constexpr auto kThrottleSeconds =
    counter("rig_gpu_throttle_seconds_total", Unit::seconds,
            "Time that the GPU was held back for that reason, since the exporter first saw it.",
            "gpu", "pci_address", "reason");

// Clocks and load.
inline constexpr auto kClock = gauge("rig_gpu_clock_hertz", Unit::hertz,
                                     "Clock of a part of the GPU.", "gpu", "pci_address", "clock");
inline constexpr auto kClockMin = gauge("rig_gpu_clock_min_hertz", Unit::hertz,
                                        "Lowest level of a clock.", "gpu", "pci_address", "clock");
inline constexpr auto kClockMax = gauge("rig_gpu_clock_max_hertz", Unit::hertz,
                                        "Highest level of a clock.", "gpu", "pci_address", "clock");
inline constexpr auto kPerformanceLevel =
    gauge("rig_gpu_performance_level", Unit::none, "1 for the performance level that is set.",
          "gpu", "pci_address", "level");
inline constexpr auto kOverdrive =
    gauge("rig_gpu_overdrive_ratio", Unit::ratio,
          "How far a clock is set above its highest level, 0 for not at all.", "gpu", "pci_address",
          "clock");
inline constexpr auto kBusy =
    gauge("rig_gpu_busy_ratio", Unit::ratio, "How busy a part of the GPU says it is, 0 to 1.",
          "gpu", "pci_address", "engine");
inline constexpr auto kBusyPeak =
    gauge("rig_gpu_busy_peak_ratio", Unit::ratio,
          "Highest sample of the peak window, by default the last minute.", "gpu", "pci_address",
          "engine");
inline constexpr auto kBusySeconds = counter("rig_gpu_busy_seconds_total", Unit::seconds,
                                             "Busy time of a part of the GPU since the exporter "
                                             "first saw it: its rate is the mean busy ratio.",
                                             "gpu", "pci_address", "engine");
inline constexpr auto kBusySuspect =
    gauge("rig_gpu_busy_suspect", Unit::none,
          "1 when the GPU says that it is busy while its memory clock, memory traffic and power "
          "have said for a minute that it is idle.",
          "gpu", "pci_address");

// Memory and its faults.
inline constexpr auto kMemorySize =
    gauge("rig_gpu_memory_size_bytes", Unit::bytes, "Memory that the GPU has or can reach.", "gpu",
          "pci_address", "kind");
inline constexpr auto kMemoryUsed =
    gauge("rig_gpu_memory_used_bytes", Unit::bytes, "Memory of the GPU in use.", "gpu",
          "pci_address", "kind");
inline constexpr auto kEccErrors =
    counter("rig_gpu_ecc_errors_total", Unit::none, "Errors that a block of the GPU has counted.",
            "gpu", "pci_address", "block", "severity");
inline constexpr auto kBadPages = gauge(
    "rig_gpu_bad_pages", Unit::none, "Pages of the GPU's memory that are out of use, or will be.",
    "gpu", "pci_address", "state");

// Links.
inline constexpr auto kPcieTransfers =
    gauge("rig_gpu_pcie_link_transfers_per_second", Unit::transfers_per_second,
          "Speed of the link to the slot.", "gpu", "pci_address");
inline constexpr auto kPcieMaxTransfers =
    gauge("rig_gpu_pcie_link_max_transfers_per_second", Unit::transfers_per_second,
          "Speed that the GPU and its slot can have at best.", "gpu", "pci_address");
inline constexpr auto kPcieLanes = gauge("rig_gpu_pcie_link_lanes", Unit::none,
                                         "Lanes of the link to the slot.", "gpu", "pci_address");
inline constexpr auto kPcieMaxLanes =
    gauge("rig_gpu_pcie_link_max_lanes", Unit::none,
          "Lanes that the GPU and its slot can have at best.", "gpu", "pci_address");
inline constexpr auto kPcieReplays =
    counter("rig_gpu_pcie_replays_total", Unit::none,
            "Packets that were sent again over the link to the slot.", "gpu", "pci_address");
inline constexpr auto kPcieRollovers = counter(
    "rig_gpu_pcie_replay_rollovers_total", Unit::none,
    "Times that sending again did not help and the link was trained anew.", "gpu", "pci_address");
inline constexpr auto kPcieRecoveries =
    counter("rig_gpu_pcie_recoveries_total", Unit::none,
            "Times that the link went from L0 to recovery.", "gpu", "pci_address");
inline constexpr auto kPcieNaks =
    counter("rig_gpu_pcie_naks_total", Unit::none, "Packets that were refused as damaged.", "gpu",
            "pci_address", "direction");
inline constexpr auto kXgmiBytes =
    counter("rig_gpu_xgmi_bytes_total", Unit::bytes, "Bytes over an XGMI link to another GPU.",
            "gpu", "pci_address", "link", "direction");

// Runtime power management.
inline constexpr auto kRuntimeState =
    gauge("rig_gpu_runtime_state", Unit::none,
          "1 for the state of runtime power management; a suspended GPU is left asleep.", "gpu",
          "pci_address", "state");
inline constexpr auto kSuspendedSeconds = counter("rig_gpu_suspended_seconds_total", Unit::seconds,
                                                  "Time that the GPU slept.", "gpu", "pci_address");

// Who uses it.
inline constexpr auto kProcesses =
    gauge("rig_gpu_processes", Unit::none, "Processes that hold compute memory on the GPU.", "gpu",
          "pci_address");
inline constexpr auto kProcessMemory =
    gauge("rig_gpu_process_memory_bytes", Unit::bytes, "Memory of the GPU that a process holds.",
          "gpu", "pci_address", "pid", "command", "unit", "container", "pod", "slurm_job");
inline constexpr auto kProcessSdma = counter(
    "rig_gpu_process_sdma_seconds_total", Unit::seconds, "Time that the copies of a process took.",
    "gpu", "pci_address", "pid", "command", "unit", "container", "pod", "slurm_job");
inline constexpr auto kProcessUnits =
    gauge("rig_gpu_process_compute_units", Unit::none, "Compute units that a process occupies.",
          "gpu", "pci_address", "pid", "command", "unit", "container", "pod", "slurm_job");

// What reads them.
inline constexpr auto kProbeInfo =
    gauge("rig_gpu_probe_info", Unit::none,
          "What reads the GPUs, and why not rocm_smi when it is not; always 1.", "source",
          "rocm_smi_version", "reason");
inline constexpr auto kRestarts =
    counter("rig_gpu_probe_restarts_total", Unit::none,
            "Times that the process that reads the GPUs was started again.");

inline constexpr auto kGpuMetrics = std::to_array<const MetricInfo*>({&kGpus,
                                                                      &kUp,
                                                                      &kSampleAge,
                                                                      &kReadErrors,
                                                                      &kInfo,
                                                                      &kDriverInfo,
                                                                      &kFirmwareInfo,
                                                                      &kNumaNode,
                                                                      &kPartitionInfo,
                                                                      &kTemperature,
                                                                      &kTemperatureLimit,
                                                                      &kTemperaturePeak,
                                                                      &kPower,
                                                                      &kPowerPeak,
                                                                      &kPowerCap,
                                                                      &kPowerCapMin,
                                                                      &kPowerCapMax,
                                                                      &kPowerCapDefault,
                                                                      &kEnergy,
                                                                      &kVoltage,
                                                                      &kFan,
                                                                      &kFanMax,
                                                                      &kFanRatio,
                                                                      &kThrottled,
                                                                      &kThrottleSeconds,
                                                                      &kClock,
                                                                      &kClockMin,
                                                                      &kClockMax,
                                                                      &kPerformanceLevel,
                                                                      &kOverdrive,
                                                                      &kBusy,
                                                                      &kBusyPeak,
                                                                      &kBusySeconds,
                                                                      &kBusySuspect,
                                                                      &kMemorySize,
                                                                      &kMemoryUsed,
                                                                      &kEccErrors,
                                                                      &kBadPages,
                                                                      &kPcieTransfers,
                                                                      &kPcieMaxTransfers,
                                                                      &kPcieLanes,
                                                                      &kPcieMaxLanes,
                                                                      &kPcieReplays,
                                                                      &kPcieRollovers,
                                                                      &kPcieRecoveries,
                                                                      &kPcieNaks,
                                                                      &kXgmiBytes,
                                                                      &kRuntimeState,
                                                                      &kSuspendedSeconds,
                                                                      &kProcesses,
                                                                      &kProcessMemory,
                                                                      &kProcessSdma,
                                                                      &kProcessUnits,
                                                                      &kProbeInfo,
                                                                      &kRestarts});

}  // namespace rig
