// Converts the probe's reports to samples.
#pragma once

#include <chrono>

#include "gpu/gpu_indices.h"
#include "gpu/supervisor/probe_supervisor.h"
#include "rig/config/privacy.h"
#include "rig/metrics/samples.h"

namespace rig {

// What the samples identify.
struct GpuIdentification {
  bool serial_numbers = true;
  GpuProcessLabels processes = GpuProcessLabels::all;
};

// True once every GPU has a reading or is known to hang. Also if the probe cannot be started; if it
// exited, a restarted one may still report.
bool has_first_readings(const ProbeSnapshot& probe);

// The same of a sample that was requested at that time, and of the processes. Also if the probe has
// exited: the sample is lost.
bool has_readings_since(std::chrono::steady_clock::time_point requested,
                        const ProbeSnapshot& probe);

// A reading older than `fresh_for` is stale: its GPU is down and has no values. If the list of GPUs
// is stale, there are no samples of any GPU, since an unknown number is not 0. GPUs that were
// listed earlier and are not any more are down.
void add_gpu_samples(Samples& samples, const ProbeSnapshot& probe, GpuIndices& indices,
                     std::chrono::steady_clock::time_point now,
                     std::chrono::steady_clock::duration fresh_for,
                     const GpuIdentification& shown = {});

}  // namespace rig
