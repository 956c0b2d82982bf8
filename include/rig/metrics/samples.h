// The samples and problems of one collector in one scrape.
//
// A Samples object is filled by one thread and discarded after the scrape: the series of a removed
// device disappear from the response, and counters of the kernel keep their absolute value. A value
// that was not read is not added: std::nullopt adds nothing. Label values may be text from a
// device: invalid UTF-8 is replaced, since a single such byte would make Prometheus reject the
// whole scrape.
//
// A scrape adds hundreds of samples, most of them in the order in which they are exported. They are
// therefore kept in sorted arrays, and their labels in one block of memory. An object that was
// moved from must not be used.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rig/kernel/problem.h"
#include "rig/kernel/read_result.h"
#include "rig/metrics/metric.h"

namespace prometheus {
struct MetricFamily;
}  // namespace prometheus

namespace rig {

// One sample of a Samples object, valid as long as that object.
struct SampleView {
  const MetricInfo* metric;
  std::span<const std::string_view> label_values;  // sorted by label name
  double value;

  // The value of a label; empty if the metric has no such label.
  std::string_view label(std::string_view name) const;
};

using LabelFilter = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Samples {
 public:
  // Adds a sample, or nothing if the value is absent. A duplicate label set and a value outside the
  // metric's range are problems instead.
  template <std::size_t N, std::convertible_to<std::string_view>... Values>
  requires(sizeof...(Values) == N) void add(const Metric<N>& metric, std::optional<double> value,
                                            const Values&... label_values) {
    if (!value) return;
    const std::array<std::string_view, N> values{std::string_view(label_values)...};
    record(metric, *value, values);
  }

  // A state set: one sample for every state, 1 for the current one and 0 for the others. The state
  // is the metric's last label. A current state that is not among `states` is shown as "other".
  // Adds nothing if the state is absent.
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

  // Reports why samples are missing: rig_collector_success becomes 0, and the problem is logged.
  // Only the first 100 problems are kept, with bounded texts; the last one then counts the others.
  void add_problem(Problem problem);
  // The value of a result, or null if it has none. Its problem, if it has one, is added.
  template <typename T>
  const T* value_or_problem(const ReadResult<T>& result) {
    if (result.problem() != nullptr) add_problem(*result.problem());
    return result ? &*result : nullptr;
  }
  template <typename T>
  const T* value_or_problem(ReadResult<T>&& result) = delete;  // the pointer would dangle
  const std::vector<Problem>& problems() const { return problems_; }

  // All samples of a metric, in the order of the exposition text.
  std::vector<SampleView> find(const MetricInfo& metric) const;

  // Calls `visit` with the samples of one metric after the other, none of them empty. Sorted by
  // name and label values (numbers by value): the same samples always result in the same text.
  template <std::invocable<std::span<const SampleView>> Visit>
  void for_each_metric(Visit visit) const {
    for (const auto& [name, samples] : content_->by_name) visit(std::span(samples));
  }
  // The same for prometheus-cpp.
  std::vector<prometheus::MetricFamily> families() const;

 private:
  using LabelValues = std::span<const std::string_view>;

  // The samples of a collector need several times as much, and each block is larger than the last.
  static constexpr std::size_t kFirstBlock = 8192;

  static std::string_view known_state(std::span<const std::string_view> states,
                                      std::string_view current);
  void record(const MetricInfo& metric, double value, LabelValues labels);
  LabelValues valid_labels(const MetricInfo& metric, LabelValues labels);
  LabelValues copy_labels(const MetricInfo& metric, LabelValues labels);
  using Sorted = std::pmr::vector<SampleView>;
  Sorted& samples_of(const MetricInfo& metric);

  // All of it is in `memory`, which never moves what it contains.
  struct Content {
    std::pmr::monotonic_buffer_resource memory{kFirstBlock};
    std::pmr::map<std::string_view, Sorted> by_name{&memory};
    // The same samples. Several objects may describe the same metric.
    std::pmr::unordered_map<const MetricInfo*, Sorted*> by_metric{&memory};
  };
  std::unique_ptr<Content> content_ = std::make_unique<Content>();
  std::vector<Problem> problems_;
  std::size_t more_problems_ = 0;  // that are not kept
};

}  // namespace rig
