#include "gpu_probe/gpu_metrics/gpu_metrics.h"

#include <algorithm>
#include <cstddef>

#include "gpu_probe/gpu_metrics/gpu_metrics_layout.h"

namespace rig {
namespace {

constexpr std::size_t kHeaderSize = 4;  // structure_size, format_revision, content_revision

std::uint64_t read_number(std::string_view bytes, std::size_t offset, unsigned width) {
  std::uint64_t number = 0;
  for (unsigned i = width; i > 0; --i) {
    number = number << 8 | static_cast<unsigned char>(bytes[offset + i - 1]);
  }
  return number;
}

bool is_measured(std::uint64_t number, unsigned width) {
  constexpr unsigned kWidest = 8;
  const auto all_ones = width < kWidest ? (std::uint64_t{1} << (8 * width)) - 1 : ~std::uint64_t{0};
  return number != all_ones;
}

// Reads the numbers of one table.
class TableReader {
 public:
  TableReader(std::string_view bytes, unsigned format_revision, unsigned content_revision)
      : bytes_(bytes) {
    metrics_.format_revision = format_revision;
    metrics_.content_revision = content_revision;
  }

  void read(const TableField& field) {
    for (unsigned i = 0; i < field.count; ++i) {
      const auto number =
          read_number(bytes_, field.offset + std::size_t{i} * field.width, field.width);
      if (is_measured(number, field.width)) store(field, i, number);
    }
  }

  const GpuMetrics& metrics() const { return metrics_; }

 private:
  void store(const TableField& field, unsigned index, std::uint64_t number) {
    const double value = static_cast<double>(number) * field.unit.multiplier / field.unit.divisor;
    const std::string name(field.name);
    switch (field.group) {
      case GpuMetricsMember::kTemperature:
        return store_highest(metrics_.temperature_celsius, name, value);
      case GpuMetricsMember::kStackTemperature:
        return store_highest(metrics_.temperature_celsius, "hbm" + std::to_string(index), value);
      case GpuMetricsMember::kPower:
        metrics_.power_watts = value;
        return;
      case GpuMetricsMember::kEnergy:
        metrics_.energy_joules = value;
        return;
      case GpuMetricsMember::kClock:
        return store_highest(metrics_.clock_hertz, name, value);
      case GpuMetricsMember::kBusy:
        return store_highest(metrics_.busy_ratio, name, value);
      case GpuMetricsMember::kVoltage:
        return store_highest(metrics_.voltage_volts, name, value);
      case GpuMetricsMember::kFan:
        metrics_.fan_rpm = value;
        return;
      case GpuMetricsMember::kPcieLanes:
        metrics_.pcie_lanes = value;
        return;
      case GpuMetricsMember::kPcieSpeed:
        metrics_.pcie_transfers_per_second = value;
        return;
      case GpuMetricsMember::kPcieError:
        return store_highest(metrics_.pcie_errors, name, value);
      case GpuMetricsMember::kXgmi: {
        const auto link = field.count == 1 ? "all" : std::to_string(index);
        metrics_.xgmi_bytes[link][name] = value;
        return;
      }
      case GpuMetricsMember::kThrottleStatus:
        metrics_.throttle_status = static_cast<std::uint32_t>(number);
        return;
      case GpuMetricsMember::kIndepThrottleStatus:
        metrics_.indep_throttle_status = number;
        return;
      case GpuMetricsMember::kThrottleCycles:
        return store_highest(metrics_.throttle_cycles, name, value);
      case GpuMetricsMember::kCountedCycles:
        metrics_.counted_cycles = value;
        return;
      default:
        return store_of_part(field, index, value);
    }
  }

  void store_of_part(const TableField& field, unsigned index, double value) {
    switch (field.group) {
      // Entries of XCCs that the partition does not have are all ones.
      case GpuMetricsMember::kXccBusy:
        return append(metrics_.xcc_busy_ratio, value);
      case GpuMetricsMember::kLimitedCycles:
        return append(metrics_.limited_cycles[std::string(field.name)], value);
      case GpuMetricsMember::kBusyCycles:
        metrics_.busy_cycles[std::string(field.name)] = value;
        return;
      case GpuMetricsMember::kMemoryBandwidth:
        metrics_.memory_max_bytes_per_second = value;
        return;
      case GpuMetricsMember::kPcieBandwidth:
        metrics_.pcie_bytes_per_second = value;
        return;
      case GpuMetricsMember::kXgmiLinkUp:
        metrics_.xgmi_link_up[std::to_string(index)] = value;
        return;
      case GpuMetricsMember::kXgmiLanes:
        metrics_.xgmi_lanes = value;
        return;
      case GpuMetricsMember::kXgmiSpeed:
        metrics_.xgmi_transfers_per_second = value;
        return;
      case GpuMetricsMember::kDomainPower:
        metrics_.domain_power_watts[std::string(field.name)] = value;
        return;
      default:
        return;
    }
  }

  static void append(GpuMetrics::Values& values, double value) {
    values[std::to_string(values.size())] = value;
  }

  static void store_highest(GpuMetrics::Values& values, const std::string& name, double value) {
    const auto [entry, is_new] = values.try_emplace(name, value);
    if (!is_new) entry->second = std::max(entry->second, value);
  }

  std::string_view bytes_;
  GpuMetrics metrics_;
};

// The encoding of an attribute: unit, type, ID and count, from the highest bits to the lowest.
struct Encoding {
  unsigned unit_code;
  unsigned type;  // u8 s8 u16 s16 u32 s32 u64 s64
  unsigned id;
  unsigned count;

  unsigned width() const { return 1U << (type / 2); }
  bool is_signed() const { return type % 2 == 1; }
};

constexpr std::size_t kEncodingSize = 8;

std::optional<Encoding> parse_encoding(std::uint64_t bits) {
  const Encoding encoding{
      static_cast<unsigned>(bits >> 24 & 0xFF), static_cast<unsigned>(bits >> 20 & 0xF),
      static_cast<unsigned>(bits >> 10 & 0x3FF), static_cast<unsigned>(bits & 0x3FF)};
  if (bits >> 32 != 0 || encoding.type > 7) return std::nullopt;
  return encoding;
}

// std::nullopt if the attribute is unknown, has an unexpected unit, or is signed, which none is.
std::optional<TableField> find_field(const Encoding& encoding) {
  const auto known = gpu_metrics_attributes();
  const auto found = std::find_if(known.begin(), known.end(), [&](const TableAttribute& one) {
    return one.id == encoding.id && one.unit_code == encoding.unit_code;
  });
  if (found == known.end() || encoding.is_signed()) return std::nullopt;
  TableField field = found->field;
  field.width = encoding.width();
  field.count = encoding.count;
  return field;
}

// The version of a table; std::nullopt if it does not have the size that it declares.
struct Version {
  unsigned format;
  unsigned content;
  bool operator==(const Version&) const = default;
};

std::optional<Version> version_of(std::string_view bytes) {
  if (bytes.size() < kHeaderSize || read_number(bytes, 0, 2) != bytes.size()) return std::nullopt;
  return Version{static_cast<unsigned>(read_number(bytes, 2, 1)),
                 static_cast<unsigned>(read_number(bytes, 3, 1))};
}

std::optional<GpuMetrics> parse_fields(std::string_view bytes, const TableLayout& layout) {
  if (layout.size != bytes.size()) return std::nullopt;
  TableReader reader(bytes, layout.format_revision, layout.content_revision);
  for (const auto& field : layout.fields) reader.read(field);
  return reader.metrics();
}

// The header is followed by the number of attributes and the attributes themselves, without
// padding.
std::optional<GpuMetrics> parse_attributes(std::string_view bytes, Version version) {
  constexpr std::size_t kFirst = kHeaderSize + 4;
  if (bytes.size() < kFirst) return std::nullopt;
  TableReader reader(bytes, version.format, version.content);
  std::size_t at = kFirst;
  for (auto left = read_number(bytes, kHeaderSize, 4); left > 0; --left) {
    if (bytes.size() - at < kEncodingSize) return std::nullopt;
    const auto encoding = parse_encoding(read_number(bytes, at, kEncodingSize));
    at += kEncodingSize;
    if (!encoding) return std::nullopt;
    const auto size = std::size_t{encoding->count} * encoding->width();
    if (bytes.size() - at < size) return std::nullopt;
    if (auto field = find_field(*encoding)) {
      field->offset = at;
      reader.read(*field);
    }
    at += size;
  }
  if (at != bytes.size()) return std::nullopt;
  return reader.metrics();
}

}  // namespace

std::optional<GpuMetrics> parse_gpu_metrics(std::string_view bytes) {
  const auto version = version_of(bytes);
  if (!version) return std::nullopt;
  if (version == Version{1, 9}) return parse_attributes(bytes, *version);
  for (const auto& layout : gpu_metrics_layouts()) {
    if (version != Version{layout.format_revision, layout.content_revision}) continue;
    if (auto metrics = parse_fields(bytes, layout)) return metrics;
  }
  return std::nullopt;
}

std::optional<GpuMetrics> parse_partition_metrics(std::string_view bytes) {
  const auto version = version_of(bytes);
  if (version == Version{1, 0}) return parse_fields(bytes, partition_metrics_layout());
  if (version == Version{1, 1}) return parse_attributes(bytes, *version);
  return std::nullopt;
}

}  // namespace rig
