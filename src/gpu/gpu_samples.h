// What the probe has said, as samples. Reads nothing and knows no clock.
#pragma once

#include <array>
#include <chrono>
#include <span>
#include <string_view>

#include "gpu/gpu_numbers.h"
#include "gpu/supervisor/probe_supervisor.h"
#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

// power_dpm_force_performance_level:
// https://docs.kernel.org/gpu/amdgpu/thermal.html#power-dpm-force-performance-level
inline constexpr auto kPerformanceLevels = std::to_array<std::string_view>(
    {"auto", "low", "high", "manual", "profile_standard", "profile_min_sclk", "profile_min_mclk",
     "profile_peak", "profile_exit", "perf_determinism", "other"});

// power/runtime_status: https://docs.kernel.org/power/runtime_pm.html
inline constexpr auto kRuntimeStates = std::to_array<std::string_view>(
    {"active", "suspended", "suspending", "resuming", "error", "unsupported", "other"});

// True once the probe has said what it can say at first: every card has a reading or hangs. Also
// when the probe cannot be started; when it dies, the next one may do better.
bool has_first_readings(const ProbeSnapshot& probe);

// A reading older than `fresh_for` is stale: its card is not up and has no values. The same goes
// for the list of cards: without a fresh one nothing is said about any card, since unknown is not
// 0. Cards that were in an earlier list and are not in this one are not up.
void add_gpu_samples(Samples& samples, const ProbeSnapshot& probe, GpuNumbers& numbers,
                     std::chrono::steady_clock::time_point now,
                     std::chrono::steady_clock::duration fresh_for);

}  // namespace rig
