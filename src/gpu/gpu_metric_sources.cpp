#include "rig/gpu/gpu_metric_sources.h"

#include <algorithm>

#include "rig/gpu/gpu_families.h"

namespace rig {
namespace {

constexpr std::string_view kAlways = "every rig has it";
constexpr std::string_view kAnswered = "every card that has answered once has it";
constexpr std::string_view kTemperatures = "hwmon/*/temp*_input gpu_metrics";
constexpr std::string_view kPowers = "hwmon/*/power1_average hwmon/*/power1_input gpu_metrics";
constexpr std::string_view kCappable = "only cards whose power can be capped, most APUs cannot";
constexpr std::string_view kFanless = "only cards with a fan of their own";
constexpr std::string_view kBusyFiles = "gpu_busy_percent mem_busy_percent gpu_metrics";
constexpr std::string_view kThrottling =
    "only cards whose gpu_metrics tell why they are held back, some from the second reading on, "
    "and heat once it can be believed";
constexpr std::string_view kLevels = "only cards with tables of clock levels";
constexpr std::string_view kSlot = "only cards in a slot that tells its link, an APU is in none";
constexpr std::string_view kNewInstinct = "only Instinct cards since MI300";
constexpr std::string_view kHolders = "only while a process holds compute memory on the card";

constexpr auto kOrigins = std::to_array<GpuMetricSource>({
    {&kGpus, "", kAlways},
    {&kUp, "", "every card"},
    {&kSampleAge, "", kAnswered},
    {&kReadErrors, "", "only once a read has brought no value"},
    {&kInfo, "", kAnswered},
    {&kDriverInfo, "", "only while amdgpu is loaded"},
    {&kFirmwareInfo, "fw_version/*_fw_version", "only where amdgpu tells a version other than 0"},
    {&kNumaNode, "numa_node", "only in machines with NUMA nodes"},
    {&kPartitionInfo, "current_compute_partition current_memory_partition", kNewInstinct},
    {&kTemperature, kTemperatures, "cards with a sensor"},
    {&kTemperatureLimit, "hwmon/*/temp*_crit hwmon/*/temp*_emergency",
     "only where the driver has set limits, for APUs it sets none"},
    {&kTemperaturePeak, kTemperatures, "cards with a sensor"},
    {&kPower, kPowers, "cards that measure their power"},
    {&kPowerPeak, kPowers, "cards that measure their power"},
    {&kPowerCap, "hwmon/*/power1_cap", kCappable},
    {&kPowerCapMin, "hwmon/*/power1_cap_min", kCappable},
    {&kPowerCapMax, "hwmon/*/power1_cap_max", kCappable},
    {&kPowerCapDefault, "hwmon/*/power1_cap_default", "only cappable cards with a newer kernel"},
    {&kEnergy, kPowers, "cards that count their energy or measure their power"},
    {&kVoltage, "hwmon/*/in*_input gpu_metrics", "some Instinct cards tell none"},
    {&kFan, "hwmon/*/fan1_input", kFanless},
    {&kFanMax, "hwmon/*/fan1_max", kFanless},
    {&kFanRatio, "hwmon/*/pwm1 hwmon/*/pwm1_max", kFanless},
    {&kThrottled, "gpu_metrics", kThrottling},
    {&kThrottleSeconds, "gpu_metrics", kThrottling},
    {&kClock, "pp_dpm_*clk hwmon/*/freq*_input gpu_metrics", "cards that tell their clocks"},
    {&kClockMin, "pp_dpm_*clk", kLevels},
    {&kClockMax, "pp_dpm_*clk", kLevels},
    {&kPerformanceLevel, "power_dpm_force_performance_level", "cards with power management"},
    {&kOverdrive, "pp_sclk_od pp_mclk_od", "only cards that overdrive in percent"},
    {&kBusy, kBusyFiles, "cards that tell how busy they are"},
    {&kBusyPeak, kBusyFiles, "cards that tell how busy they are"},
    {&kBusySeconds, kBusyFiles, "cards that tell how busy they are"},
    {&kBusySuspect,
     "gpu_busy_percent pp_dpm_mclk hwmon/*/power1_average hwmon/*/power1_input hwmon/*/power1_cap",
     "only where gfx busy, the memory clock with its lowest level, power and cap are all known"},
    {&kMemorySize, "mem_info_*_total", "every card that amdgpu drives"},
    {&kMemoryUsed, "mem_info_*_used", "every card that amdgpu drives"},
    {&kEccErrors, "ras/*_err_count", "only Instinct and some Pro cards count ECC errors"},
    {&kBadPages, "ras/gpu_vram_bad_pages",
     "only Instinct and some Pro cards list them, and only to root"},
    {&kPcieTransfers, "pp_dpm_pcie gpu_metrics current_link_speed", kSlot},
    {&kPcieMaxTransfers, "max_link_speed", kSlot},
    {&kPcieLanes, "pp_dpm_pcie gpu_metrics current_link_width", kSlot},
    {&kPcieMaxLanes, "max_link_width", kSlot},
    {&kPcieReplays, "pcie_replay_count gpu_metrics", kSlot},
    {&kPcieRollovers, "gpu_metrics", kNewInstinct},
    {&kPcieRecoveries, "gpu_metrics", kNewInstinct},
    {&kPcieNaks, "gpu_metrics", kNewInstinct},
    {&kXgmiBytes, "gpu_metrics", "only Instinct cards that count what goes over XGMI"},
    {&kRuntimeState, "power/runtime_status", "cards with runtime power management"},
    {&kSuspendedSeconds, "power/runtime_suspended_time", "cards with runtime power management"},
    {&kProcesses, "", "only where class/kfd/kfd/proc is there and KFD knows the card"},
    {&kProcessMemory, "", kHolders},
    {&kProcessSdma, "", kHolders},
    {&kProcessUnits, "", "only Instinct cards, while a process computes on them"},
    {&kProbeInfo, "", "every rig whose rig_gpu_probe has spoken"},
    {&kRestarts, "", kAlways},
});

}  // namespace

std::span<const GpuMetricSource> gpu_metric_sources() { return kOrigins; }

const GpuMetricSource* gpu_metric_source(std::string_view metric_name) {
  const auto found = std::ranges::find_if(
      kOrigins, [&](const GpuMetricSource& origin) { return origin.metric->name == metric_name; });
  return found == kOrigins.end() ? nullptr : &*found;
}

}  // namespace rig
