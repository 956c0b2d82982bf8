// gpu_metrics of an amdgpu device in sysfs: the firmware's table of one moment, in binary.
// Kernel: drivers/gpu/drm/amd/include/kgd_pp_interface.h;
// https://docs.kernel.org/gpu/amdgpu/thermal.html#gpu-metrics
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rig {

// In base units, as the table says it: what no card can be is for the caller to drop. Absent: not
// in this version of the table, or all ones in the number's own width, the driver's mark for what
// is not measured. Of several engines of one kind (clocks, busy ratios) it is the highest.
struct GpuMetrics {
  using Values = std::map<std::string, double>;

  unsigned format_revision = 0;  // 1: cards, 2 and 3: APUs
  unsigned content_revision = 0;
  Values temperature_celsius;  // edge junction memory vr_gfx vr_soc vr_memory hbm0..; soc of APUs
  // Average of the socket, from 1.4 on the current one. Absent in 2.0 to 2.2, which have milliwatts
  // or, with some firmware of Renoir, watts.
  std::optional<double> power_watts;
  // A counter in units of 2^-16 J; with some firmware it wraps at 2^32 of them, 65536 J.
  std::optional<double> energy_joules;
  Values clock_hertz;  // sclk mclk socclk fclk vclk dclk; current ones, in 3.0 averages
  // gfx memory media. Above 1 with firmware that counts in hundredths of a percent. Absent in APUs:
  // percent or hundredths, by device and firmware, and the driver alone knows (gpu_busy_percent).
  Values busy_ratio;
  Values voltage_volts;  // gfx soc memory
  std::optional<double> fan_rpm;
  std::optional<double> pcie_lanes;
  std::optional<double> pcie_transfers_per_second;
  Values pcie_errors;  // counters: replays replay_rollovers recoveries naks_sent naks_received
  // Counters by link ("0", "1", .., or "all" where the table has one number for all of them) and
  // direction (read write).
  std::map<std::string, Values> xgmi_bytes;
  std::optional<std::uint32_t> throttle_status;        // each ASIC has bits of its own
  std::optional<std::uint64_t> indep_throttle_status;  // see throttled()
  // Counters of the firmware's cycles that were limited by: prochot power thermal_socket thermal_vr
  // thermal_memory (1.6 on, in cycles of counted_cycles); prochot power_sustained power_fast
  // power_slow thermal_core thermal_gfx thermal_soc (3.0, in cycles of a timer that is not told).
  Values throttle_cycles;
  std::optional<double> counted_cycles;
};

// Absent when the file is not as long as it says it is, and when its version is unknown, or known
// with another size: the kernel moves fields from one version to the next and has done so within
// 1.6, and a driver has called its 3.0 2.1. Known are 1.0 to 1.9, 2.0 to 2.4 and 3.0.
std::optional<GpuMetrics> parse_gpu_metrics(std::string_view bytes);

// 1 for each reason that limits the card now, 0 for the others. Empty when the table has no
// independent bits. Reasons: power current thermal_gpu thermal_core thermal_memory thermal_edge
// thermal_junction thermal_soc thermal_vr thermal_liquid prochot, and the kernel's ppm and fit.
// Some bits stick on some generations, such as RDNA 3's thermal_junction; they are told as they
// are.
GpuMetrics::Values throttled(const GpuMetrics& metrics);

}  // namespace rig
