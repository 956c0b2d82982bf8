// Where the versions of gpu_metrics have their numbers. All of them are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace rig {

// value = number * multiplier / divisor
struct MetricUnit {
  double multiplier = 1;
  double divisor = 1;
};

// A member of GpuMetrics.
enum class MetricGroup {
  kTemperature,
  kStackTemperature,  // an array: hbm0, hbm1, ..
  kPower,
  kEnergy,
  kClock,
  kBusy,
  kVoltage,
  kFan,
  kPcieLanes,
  kPcieSpeed,
  kPcieError,
  kXgmi,  // an array, by link
  kThrottleStatus,
  kIndepThrottleStatus,
  kThrottleCycles,
  kCountedCycles,
};

struct MetricField {
  std::size_t offset = 0;
  unsigned width = 0;  // bytes of one number: 1, 2, 4 or 8
  unsigned count = 0;  // of numbers, one behind the other
  MetricGroup group = MetricGroup::kTemperature;
  std::string_view name;  // within the group
  MetricUnit unit;
};

struct MetricLayout {
  unsigned format_revision;
  unsigned content_revision;
  std::size_t size;
  std::span<const MetricField> fields;
};

// All versions but 1.9.
std::span<const MetricLayout> gpu_metrics_layouts();

// Version 1.9 says itself what it has: each number or array follows an encoding of its identity,
// unit, type and count.
struct MetricAttribute {
  unsigned id;         // amdgpu_metrics_attr_id
  unsigned unit_code;  // amdgpu_metrics_attr_unit
  MetricField field;   // without offset, width and count
};

std::span<const MetricAttribute> gpu_metrics_attributes();

}  // namespace rig
