// The layouts of gpu_metrics tables, by version. All numbers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace rig {

// value = number * multiplier / divisor
struct TableUnit {
  double multiplier = 1;
  double divisor = 1;
};

namespace table_unit {
inline constexpr TableUnit kOne{1, 1};
inline constexpr TableUnit kCentidegree{1, 100};
inline constexpr TableUnit kMilliwatt{1, 1000};
inline constexpr TableUnit kMillivolt{1, 1000};
inline constexpr TableUnit kPercent{1, 100};
inline constexpr TableUnit kMegahertz{1e6, 1};
inline constexpr TableUnit kTenthOfGigatransfer{1e8, 1};
inline constexpr TableUnit kGigatransfer{1e9, 1};
inline constexpr TableUnit kGigabyte{1e9, 1};
inline constexpr TableUnit kKibibyte{1024, 1};
inline constexpr TableUnit kEnergyUnit{1, 65536};  // 15.259 µJ
}  // namespace table_unit

// A member of GpuMetrics.
enum class GpuMetricsMember {
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
  kBusyCycles,     // of kCountedCycles, in percent or as a ratio
  kLimitedCycles,  // arrays, by XCC, one per partition
  kMemoryBandwidth,
  kPcieBandwidth,
  kXccBusy,     // arrays, one per partition
  kXgmiLinkUp,  // an array, by link
  kXgmiLanes,
  kXgmiSpeed,
  kDomainPower,
};

struct TableField {
  std::size_t offset = 0;
  unsigned width = 0;  // bytes of one number: 1, 2, 4 or 8
  unsigned count = 0;  // of consecutive numbers
  GpuMetricsMember group = GpuMetricsMember::kTemperature;
  std::string_view name;  // within the group
  TableUnit unit;
};

struct TableLayout {
  unsigned format_revision;
  unsigned content_revision;
  std::size_t size;
  std::span<const TableField> fields;
};

// All versions but 1.9.
std::span<const TableLayout> gpu_metrics_layouts();

// Version 1.0 of xcp_metrics.
const TableLayout& partition_metrics_layout();

// Version 1.9, and 1.1 of xcp_metrics, are self-describing: each number or array is preceded by an
// encoding of its ID, unit, type and count.
struct TableAttribute {
  unsigned id;         // amdgpu_metrics_attr_id
  unsigned unit_code;  // amdgpu_metrics_attr_unit
  TableField field;    // without offset, width and count
};

std::span<const TableAttribute> gpu_metrics_attributes();

}  // namespace rig
