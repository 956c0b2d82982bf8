// What one collector says in one scrape.
//
// A Samples is filled by one thread and thrown away after the scrape: what has gone from the
// machine is gone from the answer, and kernel counters keep their absolute value. A value that was
// not read is not added: std::nullopt adds nothing. Label values may come from a device: what is
// not UTF-8 in them is replaced, since Prometheus would drop the whole scrape for one such byte.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/metrics/metric.h"

namespace prometheus {
struct MetricFamily;
}  // namespace prometheus

namespace rig {

class Samples {
 public:
  // Adds a sample; nothing when the value is absent. A label set that stands already, or a value
  // that is no finite number, is a problem and not a sample.
  template <std::size_t N, std::convertible_to<std::string_view>... Values>
  requires(sizeof...(Values) == N) void add(const Metric<N>& metric, std::optional<double> value,
                                            const Values&... label_values) {
    if (!value) return;
    const std::array<std::string_view, N> values{std::string_view(label_values)...};
    record(metric, *value, values);
  }

  // A state set: one sample for every state, 1 for the current one and 0 for the others. The state
  // is the metric's last label. A current state that is not among `states` is shown as "other".
  // Nothing when it is absent.
  template <std::size_t N, std::convertible_to<std::string_view>... Values>
  requires(sizeof...(Values) + 1 == N) void add_states(const Metric<N>& metric,
                                                       std::span<const std::string_view> states,
                                                       std::optional<std::string_view> current,
                                                       const Values&... label_values) {
    if (!current) return;
    const std::string_view shown = known_state(states, *current);
    for (const std::string_view state : states) {
      add(metric, state == shown ? 1.0 : 0.0, label_values..., state);
    }
  }

  // A part is missing and the rest stands: rig_collector_success becomes 0, the log says what.
  void problem(std::string what);
  const std::vector<std::string>& problems() const { return problems_; }

  // Sorted by name and label values (numbers by value): equal readings give equal bytes.
  std::vector<prometheus::MetricFamily> families() const;

  // The same as Prometheus reads it:
  // https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
  std::string text() const;

 private:
  // In the order of the label names.
  using LabelValues = std::vector<std::string>;
  struct LessByLabels {
    bool operator()(const LabelValues& left, const LabelValues& right) const;
  };
  struct Series {
    const MetricInfo* metric = nullptr;
    std::map<LabelValues, double, LessByLabels> values;
  };

  static std::string_view known_state(std::span<const std::string_view> states,
                                      std::string_view current);
  void record(const MetricInfo& metric, double value, std::span<const std::string_view> labels);

  std::map<std::string_view, Series> series_;  // by the metric's name
  std::vector<std::string> problems_;
};

}  // namespace rig
