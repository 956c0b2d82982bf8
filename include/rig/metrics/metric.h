// Declarations of metrics. A constant is the only place that defines a metric's name, unit, help
// and labels:
//
//   constexpr auto kTemperature = gauge("rig_gpu_temperature_celsius", Unit::celsius,
//                                       "Temperature of a GPU sensor.", "gpu", "pci_address",
//                                       "sensor");
//
// A declaration that breaks Prometheus' naming rules (https://prometheus.io/docs/practices/naming/)
// does not compile: a wrong prefix, a missing unit, a counter without _total. The number of labels
// is part of the type, so a sample with too few label values does not compile either (samples.h).
//
// Every metric has a range of plausible values: that of its unit, or another one that is declared
// with it, gauge(...).within(Range{0, 64}). Samples outside of it are not exported (samples.h).
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>

#include "rig/metrics/plausible.h"

namespace rig {

enum class Kind { gauge, counter, histogram };

// The type as written in a TYPE line.
constexpr std::string_view kind_word(Kind kind) {
  if (kind == Kind::histogram) return "histogram";
  return kind == Kind::counter ? "counter" : "gauge";
}

// Base units only; `none` is for counts, flags, state sets and info metrics.
enum class Unit {
  none,
  bytes,
  bytes_per_second,
  celsius,
  hertz,
  joules,
  ratio,
  rpm,
  seconds,
  sectors,
  transfers_per_second,
  volts,
  watts,
};

// The suffix of a name with this unit (before _total); empty for Unit::none.
constexpr std::string_view unit_word(Unit unit) {
  switch (unit) {
    case Unit::none:
      return "";
    case Unit::bytes:
      return "bytes";
    case Unit::bytes_per_second:
      return "bytes_per_second";
    case Unit::celsius:
      return "celsius";
    case Unit::hertz:
      return "hertz";
    case Unit::joules:
      return "joules";
    case Unit::ratio:
      return "ratio";
    case Unit::rpm:
      return "rpm";
    case Unit::seconds:
      return "seconds";
    case Unit::sectors:
      return "sectors";
    case Unit::transfers_per_second:
      return "transfers_per_second";
    case Unit::volts:
      return "volts";
    case Unit::watts:
      return "watts";
  }
  return "";
}

// The plausible values of a metric with this unit.
constexpr Range range_of(Unit unit) {
  switch (unit) {
    case Unit::celsius:
      return kPlausibleCelsius;
    case Unit::hertz:
      return kPlausibleHertz;
    case Unit::ratio:
      return kPlausibleRatio;
    case Unit::rpm:
      return kPlausibleRpm;
    case Unit::seconds:
      return kPlausibleSeconds;
    case Unit::transfers_per_second:
      return kPlausibleTransfers;
    case Unit::volts:
      return kPlausibleVolts;
    case Unit::watts:
      return kPlausibleWatts;
    default:
      return kAnyCount;
  }
}

inline constexpr std::size_t kMaxLabels = 12;

struct MetricInfo {
  std::string_view name;
  std::string_view help;
  Kind kind;
  Unit unit;
  std::array<std::string_view, kMaxLabels> labels;
  std::size_t label_count;
  std::array<std::size_t, kMaxLabels> labels_by_name;  // indices into `labels`, sorted by name
  Range plausible;
};

template <std::size_t N>
struct Metric : MetricInfo {
  // The same metric with another range of plausible values than that of its unit.
  consteval Metric within(Range range) const {
    Metric metric = *this;
    metric.plausible = range;
    return metric;
  }
};

namespace declaration {

constexpr bool is_lower_word(std::string_view word) {
  if (word.empty() || word.front() < 'a' || word.front() > 'z') return false;
  for (const char c : word) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  return true;
}

// Evaluated at compile time: a throw is a compile error that contains the message.
template <typename... Labels>
consteval Metric<sizeof...(Labels)> declare(Kind kind, std::string_view name, Unit unit,
                                            std::string_view help, Labels... labels) {
  static_assert(sizeof...(Labels) <= kMaxLabels, "too many labels: raise kMaxLabels");
  if (!name.starts_with("rig_") && !name.starts_with("process_"))
    throw "a metric name starts with rig_ (or process_)";
  if (!is_lower_word(name)) throw "a metric name consists of lower-case letters, digits and _";
  if (help.empty() || !help.ends_with('.')) throw "help is a sentence that ends with a full stop";
  if (help.find_first_of("\n\\") != help.npos) throw "help is one line without backslashes";

  std::string_view stem = name;
  if (kind == Kind::counter) {
    if (!stem.ends_with("_total")) throw "the name of a counter ends in _total";
    stem.remove_suffix(6);
  } else if (stem.ends_with("_total")) {
    throw "only the name of a counter ends in _total";
  }
  if (unit != Unit::none && !stem.ends_with(unit_word(unit)))
    throw "a metric name ends in its unit (before _total)";

  Metric<sizeof...(Labels)> metric{
      {name, help, kind, unit, {labels...}, sizeof...(Labels), {}, range_of(unit)}};
  for (std::size_t i = 0; i < metric.label_count; ++i) {
    if (!is_lower_word(metric.labels[i]))
      throw "a label name consists of lower-case letters, digits and _";
    for (std::size_t j = 0; j < i; ++j) {
      if (metric.labels[i] == metric.labels[j]) throw "duplicate label name";
    }
    metric.labels_by_name[i] = i;
  }
  std::sort(metric.labels_by_name.begin(), metric.labels_by_name.begin() + metric.label_count,
            [&](std::size_t a, std::size_t b) { return metric.labels[a] < metric.labels[b]; });
  return metric;
}

}  // namespace declaration

template <std::convertible_to<std::string_view>... Labels>
consteval Metric<sizeof...(Labels)> gauge(std::string_view name, Unit unit, std::string_view help,
                                          Labels... labels) {
  return declaration::declare(Kind::gauge, name, unit, help, std::string_view(labels)...);
}

template <std::convertible_to<std::string_view>... Labels>
consteval Metric<sizeof...(Labels)> counter(std::string_view name, Unit unit, std::string_view help,
                                            Labels... labels) {
  return declaration::declare(Kind::counter, name, unit, help, std::string_view(labels)...);
}

template <std::convertible_to<std::string_view>... Labels>
consteval Metric<sizeof...(Labels)> histogram(std::string_view name, Unit unit,
                                              std::string_view help, Labels... labels) {
  return declaration::declare(Kind::histogram, name, unit, help, std::string_view(labels)...);
}

}  // namespace rig
