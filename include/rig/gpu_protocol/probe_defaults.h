// Defaults and bounds of the GPU settings, shared by rig_exporter and rig_gpu_probe.
#pragma once

#include <chrono>
#include <string>

#include "rig/kernel/duration.h"

namespace rig {

inline constexpr std::chrono::milliseconds kDefaultSampleInterval{1000};
inline constexpr std::chrono::milliseconds kMinSampleInterval{100};
inline constexpr std::chrono::milliseconds kMaxSampleInterval{60'000};
// In place of an interval: a sample for each request.
inline constexpr std::chrono::milliseconds kAtRequests{0};

// As in flags and the configuration file: "500ms", or "0" for kAtRequests. Throws DurationError.
inline std::chrono::milliseconds parse_sample_interval(const std::string& text) {
  if (text == "0" || text == "0ms" || text == "0s" || text == "0m") return kAtRequests;
  return parse_duration(text, kMinSampleInterval, kMaxSampleInterval);
}

// The share of one CPU, in percent, that sampling more than 8 GPUs may use; 0: no limit.
inline constexpr unsigned kDefaultMaxCpuPercent = 5;
inline constexpr unsigned kMaxCpuPercent = 100;

// The maximum number of processes that are listed; 0 disables the list.
inline constexpr unsigned kDefaultProcessLimit = 32;
inline constexpr unsigned kMaxProcessLimit = 1000;

// The length of the time window for peak values.
inline constexpr std::chrono::milliseconds kDefaultPeakWindow{60'000};
inline constexpr std::chrono::milliseconds kMinPeakWindow{1000};
inline constexpr std::chrono::milliseconds kMaxPeakWindow{3'600'000};

// Values of rig_gpu_probe's --source.
inline constexpr const char* kSourceAuto = "auto";
inline constexpr const char* kSourceRocmSmi = "rocm_smi";
inline constexpr const char* kSourceSysfs = "sysfs";

}  // namespace rig
