// Descriptions of the fields of a GpuReading, from the table gpu_fields.def.
//
// A field's row is the only place that defines its JSON name, metric, plausible range, sysfs files
// and whether librocm_smi64's value is preferred. Code that treats all fields the same way iterates
// with for_each_gpu_field(); code for one field uses gpu_field::NAME.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rig/gpu_protocol/gpu_reading.h"
#include "rig/metrics/metric.h"

namespace rig {

// In a metric of one GPU, the labels of the GPU precede the other labels.
template <typename... Labels>
consteval auto gpu_gauge(std::string_view name, Unit unit, std::string_view help,
                         Labels... labels) {
  return gauge(name, unit, help, "gpu", "pci_address", labels...);
}

template <typename... Labels>
consteval auto gpu_counter(std::string_view name, Unit unit, std::string_view help,
                           Labels... labels) {
  return counter(name, unit, help, "gpu", "pci_address", labels...);
}

// The number of labels that the metric of a field has in addition to those of the GPU.
template <typename T>
inline constexpr std::size_t kOwnLabels = 0;
template <>
inline constexpr std::size_t kOwnLabels<std::optional<std::string>> = 1;  // a state set
template <>
inline constexpr std::size_t kOwnLabels<LabeledNumbers> = 1;
template <>
inline constexpr std::size_t kOwnLabels<NestedNumbers> = 2;
template <>
inline constexpr std::size_t kOwnLabels<LabeledTexts> = 2;  // an info metric: 1 for each text

enum class Refresh {
  every_sample,  // while the GPU is awake
  once,          // constant while the driver is bound: read once while the GPU is awake, and kept
  even_asleep,   // every sample, even of a suspended GPU: reading the file does not wake it
};

struct SysfsFile {
  // Below SYS/class/drm/cardN/device; "hwmon/*" is the GPU's hwmon directory.
  std::string_view path;
  std::string_view key = {};  // of a LabeledNumbers
};
inline constexpr std::size_t kMaxSysfsFiles = 4;

// Members are in the order in which a row lists them.
template <typename T>
struct GpuField {
  T GpuReading::*member;
  const char* name;  // of the member, and in JSON
  // Not declared if the value itself is not exported (gpu_families.h has the metrics derived from
  // it).
  Metric<2 + kOwnLabels<T>> metric = {};
  std::span<const std::string_view> states = {};  // of a state set
  // Files that contain one integer (or, for a text field, one line), read by generic code. If
  // several have the same key, the first with a value counts.
  SysfsFile sysfs[kMaxSysfsFiles] = {};
  double divisor = 1;  // of the integer: 1e6 for microwatts
  Refresh refresh = Refresh::every_sample;
  // Files that are read by specific code, separated by spaces; * matches any part of a name.
  std::string_view other_files = {};
  // The function of librocm_smi64 whose value, if plausible, replaces that of sysfs; empty: none.
  std::string_view rocm_smi = {};
  // Which GPUs have a value, or when: explains a missing metric to the user.
  std::string_view where = {};

  constexpr bool exported() const { return !metric.name.empty(); }
  constexpr Range plausible() const { return exported() ? metric.plausible : kAnyCount; }
};

// Words that become labels are sorted, except those with numbers: samples are added fastest in that
// order.
//
// power_dpm_force_performance_level:
// https://docs.kernel.org/gpu/amdgpu/thermal.html#power-dpm-force-performance-level
inline constexpr auto kPerformanceLevels = std::to_array<std::string_view>(
    {"auto", "high", "low", "manual", "other", "perf_determinism", "profile_exit",
     "profile_min_mclk", "profile_min_sclk", "profile_peak", "profile_standard"});

// pp_power_profile_mode, in lower case:
// https://docs.kernel.org/gpu/amdgpu/thermal.html#pp-power-profile-mode
inline constexpr auto kPowerProfiles = std::to_array<std::string_view>(
    {"3d_full_screen", "bootup_default", "capped", "compute", "custom", "other", "power_saving",
     "uncapped", "video", "vr", "window_3d"});

// By the numbers of pwm1_enable:
// https://docs.kernel.org/gpu/amdgpu/thermal.html#hwmon-interfaces
inline constexpr auto kFanModes =
    std::to_array<std::string_view>({"full_speed", "manual", "automatic", "other"});

// power/runtime_status: https://docs.kernel.org/power/runtime_pm.html
inline constexpr auto kRuntimeStates = std::to_array<std::string_view>(
    {"active", "error", "other", "resuming", "suspended", "suspending", "unsupported"});

namespace gpu_field {

// Reasons for a missing metric that several rows share.
inline constexpr std::string_view kCappable =
    "only on GPUs whose power can be capped, which most APUs cannot";
inline constexpr std::string_view kOwnFan = "only on GPUs that have a fan";
inline constexpr std::string_view kLevels = "only on GPUs with tables of clock levels";
inline constexpr std::string_view kSlot =
    "only on GPUs in a slot that reports its link, which excludes APUs";
inline constexpr std::string_view kMi300 = "only on Instinct GPUs since MI300";
inline constexpr std::string_view kRuntimePm = "only on GPUs with runtime power management";

#define RIG_GPU_FIELD(Type, field, ...) \
  inline constexpr GpuField<Type> field{.member = &GpuReading::field, .name = #field, __VA_ARGS__};
#include "rig/gpu_protocol/gpu_fields.def"

}  // namespace gpu_field

// Calls `function` with the GpuField of each row, in the order of the table.
template <typename Function>
constexpr void for_each_gpu_field(Function&& function) {
#define RIG_GPU_FIELD(Type, field, ...) function(gpu_field::field);
#include "rig/gpu_protocol/gpu_fields.def"
}

}  // namespace rig
