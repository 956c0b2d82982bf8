// The metrics of CPU, memory and pressure that the history of recent values uses too; the others
// are declared in the files that add their samples.
#pragma once

#include "rig/metrics/metric.h"

namespace rig {

// Of all CPUs together; src/host/cpu_time_bounds.h has the limit of this machine.
inline constexpr Range kPlausibleCpuModeSeconds{0, 1e13};

inline constexpr auto kCpuModeSeconds =
    counter(
        "rig_cpu_seconds_total", Unit::seconds,
        "Time a CPU spent in each mode since boot (/proc/stat); user includes guest, nice includes "
        "guest_nice. With per-core metrics disabled, the CPU all is the sum over all CPUs, "
        "including "
        "those that are offline now.",
        "cpu", "mode")
        .within(kPlausibleCpuModeSeconds);

inline constexpr auto kMemoryAvailable =
    gauge("rig_memory_available_bytes", Unit::bytes,
          "Memory available to new programs without swapping, as estimated by the kernel.");

inline constexpr auto kPressureSeconds =
    counter("rig_pressure_seconds_total", Unit::seconds,
            "Time tasks were stalled waiting for a resource since boot: at least one task (some), "
            "or all non-idle tasks at once (full).",
            "resource", "kind");

}  // namespace rig
