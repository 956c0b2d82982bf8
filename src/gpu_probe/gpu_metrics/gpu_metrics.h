// The sysfs file gpu_metrics of amdgpu: a binary table of values that the firmware sampled at one
// moment.
// Kernel: drivers/gpu/drm/amd/include/kgd_pp_interface.h;
// https://docs.kernel.org/gpu/amdgpu/thermal.html#gpu-metrics
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rig {

// In base units. The caller drops implausible values. A value is absent if it is not in this
// version of the table, or if its bits are all ones, which means that the GPU does not measure it.
// Of several engines of one kind (clocks, busy ratios), it is the highest.
struct GpuMetrics {
  using Values = std::map<std::string, double>;

  unsigned format_revision = 0;  // 1: discrete GPUs, 2 and 3: APUs
  unsigned content_revision = 0;
  // edge junction memory vr_gfx vr_soc vr_memory hbm0..; soc and skin (of the case) of APUs
  Values temperature_celsius;
  // Average socket power, since 1.4 the current one. Absent in 2.0 to 2.2, which are in milliwatts
  // or, with some firmware of Renoir, in watts.
  std::optional<double> power_watts;
  // A counter in units of 2^-16 J; with some firmware it wraps at 2^32 of them, 65536 J.
  std::optional<double> energy_joules;
  Values clock_hertz;  // sclk mclk socclk fclk vclk dclk; current, in 3.0 average
  // gfx memory media jpeg. Above 1 if the firmware reports hundredths of a percent. Absent for
  // APUs, whose unit is percent or hundredths of it, depending on device and firmware; only the
  // driver can distinguish them (gpu_busy_percent).
  Values busy_ratio;
  Values voltage_volts;  // gfx soc memory
  std::optional<double> fan_rpm;
  std::optional<double> pcie_lanes;
  std::optional<double> pcie_transfers_per_second;
  Values pcie_errors;  // counters: replays replay_rollovers recoveries naks_sent naks_received
  // Counters by link ("0", "1", .., or "all" if the table has a total only) and direction (read
  // write).
  std::map<std::string, Values> xgmi_bytes;
  std::optional<std::uint32_t> throttle_status;        // throttle_status.h
  std::optional<std::uint64_t> indep_throttle_status;  // throttle_status.h
  // Counters of firmware cycles that were throttled, by reason: prochot power thermal_socket
  // thermal_vr thermal_memory (since 1.6, of counted_cycles); prochot power_sustained power_fast
  // power_slow thermal_core thermal_gfx thermal_soc (3.0, of an unknown number of cycles).
  Values throttle_cycles;
  std::optional<double> counted_cycles;
  // Counters: the utilization in each of counted_cycles, added up, since 1.6: gfx memory. The unit
  // is percent according to the kernel's headers, a ratio according to AMD's tools.
  Values busy_cycles;
  // Counters: of counted_cycles, those in which the clock of an XCC was lower than the host
  // allowed, by reason and XCC: total (since 1.7), power thermal low_utilization (since 1.8).
  std::map<std::string, Values> limited_cycles;
  std::optional<double> memory_max_bytes_per_second;  // at the highest memory clock, since 1.7
  std::optional<double> pcie_bytes_per_second;  // current, in both directions, in steps of 1 GB/s
  Values xcc_busy_ratio;                        // by number, across the partitions
  Values xgmi_link_up;                          // by link, as for xgmi_bytes; 0 or 1
  std::optional<double> xgmi_lanes;
  std::optional<double> xgmi_transfers_per_second;  // of each of the lanes
  // cpu soc gfx npu of APUs, in 2.3 and later.
  Values domain_power_watts;
};

// Supports 1.0 to 1.9, 2.0 to 2.4 and 3.0. std::nullopt if the file does not have the size that it
// declares, or if its version is unknown or known with another size only: the kernel has moved
// fields within 1.6, and a driver has declared its 3.0 as 2.1.
std::optional<GpuMetrics> parse_gpu_metrics(std::string_view bytes);

// The file xcp/xcp_metrics: the part of the table that is about one compute partition, 1.0 and 1.1.
std::optional<GpuMetrics> parse_partition_metrics(std::string_view bytes);

}  // namespace rig
