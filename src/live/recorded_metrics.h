// Which metrics the history of recent values contains.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "rig/disk/disk_families.h"
#include "rig/gpu_protocol/gpu_fields.h"
#include "rig/host/host_families.h"
#include "rig/metrics/metric.h"
#include "rig/raid/raid_families.h"

namespace rig {

enum class RecordedFrom {
  readings,     // each reading of a GPU, whether or not anything is collected
  collections,  // each collection that takes place anyway
};

struct RecordedMetric {
  const MetricInfo* metric;
  RecordedFrom from;
  // If not empty: only samples whose label has one of these values.
  std::string_view selected_label = {};
  std::span<const std::string_view> selected_values = {};
  // If not empty: samples of a counter that differ in this label only are recorded as their sum
  // (summed_counter.h), in a series whose label is "all".
  std::string_view summed_label = {};
};

inline constexpr auto kRecordedClocks = std::to_array<std::string_view>({"sclk", "mclk"});
// gtt: the memory that an APU uses.
inline constexpr auto kRecordedMemories = std::to_array<std::string_view>({"vram", "gtt"});

// To record another metric, add a row. The number of its series counts for the memory of history.h.
inline constexpr auto kRecordedMetrics = std::to_array<RecordedMetric>({
    {&gpu_field::temperature_celsius.metric, RecordedFrom::readings},
    {&gpu_field::power_watts.metric, RecordedFrom::readings},
    {&gpu_field::busy_ratio.metric, RecordedFrom::readings},
    {&gpu_field::memory_used_bytes.metric, RecordedFrom::readings, "kind", kRecordedMemories},
    {&gpu_field::clock_hertz.metric, RecordedFrom::readings, "clock", kRecordedClocks},
    {&gpu_field::fan_rpm.metric, RecordedFrom::readings},
    {&gpu_field::fan_ratio.metric, RecordedFrom::readings},
    {&kCpuModeSeconds, RecordedFrom::collections, {}, {}, "cpu"},
    {&kMemoryAvailable, RecordedFrom::collections},
    {&kPressureSeconds, RecordedFrom::collections},
    {&kDiskReadBytes, RecordedFrom::collections},
    {&kDiskWrittenBytes, RecordedFrom::collections},
    {&kDiskIoSeconds, RecordedFrom::collections},
    {&kRaidSyncProgress, RecordedFrom::collections},
    {&kRaidSyncSpeed, RecordedFrom::collections},
});

}  // namespace rig
