#include "rig/live/history_recorder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "live/recorded_metrics.h"

namespace rig {
namespace {

constexpr std::string_view kSummed = "all";

const RecordedMetric* recorded_reading(const MetricInfo& metric) {
  const auto matches = [&](const RecordedMetric& recorded) {
    return recorded.from == RecordedFrom::readings && recorded.metric->name == metric.name;
  };
  const auto found = std::ranges::find_if(kRecordedMetrics, matches);
  return found == kRecordedMetrics.end() ? nullptr : &*found;
}

// The label values of one sample, sorted by label name.
struct Labels {
  std::array<std::string_view, kMaxLabels> values;
  std::size_t count = 0;

  std::span<const std::string_view> span() const { return std::span(values).first(count); }
};

std::string_view* find_label(const MetricInfo& metric, Labels& labels, std::string_view name) {
  for (std::size_t i = 0; i < labels.count; ++i) {
    if (metric.labels[metric.labels_by_name[i]] == name) return &labels.values[i];
  }
  return nullptr;
}

bool is_selected(const RecordedMetric& recorded, Labels& labels) {
  if (recorded.selected_label.empty()) return true;
  const auto* const value = find_label(*recorded.metric, labels, recorded.selected_label);
  return value != nullptr &&
         std::ranges::find(recorded.selected_values, *value) != recorded.selected_values.end();
}

// When the time of a steady clock was, which does not run while the machine is suspended.
BootClock::time_point boot_time(SampleRecorder::Time time) {
  const auto age = std::chrono::steady_clock::now() - time;
  return BootClock::now() - std::chrono::duration_cast<BootClock::duration>(age);
}

class HistoryRecorder : public SampleRecorder {
 public:
  explicit HistoryRecorder(std::shared_ptr<History> history) : history_(std::move(history)) {}

  bool wants_readings_of(const MetricInfo& metric) const override {
    return recorded_reading(metric) != nullptr;
  }

  void record_reading(const MetricInfo& metric, double value,
                      std::span<const std::string_view> label_values, Time read_at) override {
    const auto* const recorded = recorded_reading(metric);
    if (recorded == nullptr || label_values.size() != metric.label_count) return;
    if (!metric.plausible.contains(value)) return;  // not exported either
    Labels labels;
    for (; labels.count < metric.label_count; ++labels.count)
      labels.values[labels.count] = label_values[metric.labels_by_name[labels.count]];
    if (!is_selected(*recorded, labels)) return;
    history_->record(*recorded->metric, labels.span(), value, boot_time(read_at));
  }

  void record_collection(const Samples& samples, Time read_at) override {
    const auto time = boot_time(read_at);
    for (const auto& recorded : kRecordedMetrics) {
      if (recorded.from == RecordedFrom::collections) record_each(recorded, samples, time);
    }
  }

 private:
  void record_each(const RecordedMetric& recorded, const Samples& samples,
                   BootClock::time_point time) {
    std::map<std::vector<std::string_view>, double> sums;
    for (const auto& sample : samples.find(*recorded.metric)) {
      Labels labels;
      for (const auto& value : sample.label_values) labels.values[labels.count++] = value;
      if (!is_selected(recorded, labels)) continue;
      if (recorded.summed_label.empty()) {
        history_->record(*recorded.metric, labels.span(), sample.value, time);
        continue;
      }
      if (auto* label = find_label(*recorded.metric, labels, recorded.summed_label))
        *label = kSummed;
      const auto values = labels.span();
      sums[{values.begin(), values.end()}] += sample.value;
    }
    for (const auto& [values, sum] : sums) history_->record(*recorded.metric, values, sum, time);
  }

  const std::shared_ptr<History> history_;
};

}  // namespace

std::shared_ptr<SampleRecorder> make_history_recorder(std::shared_ptr<History> history) {
  return std::make_shared<HistoryRecorder>(std::move(history));
}

}  // namespace rig
