#include "rig/live/history_recorder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "live/recorded_metrics.h"
#include "live/summed_counter.h"

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

Labels labels_of(const SampleView& sample) {
  Labels labels;
  for (const auto& value : sample.label_values) labels.values[labels.count++] = value;
  return labels;
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
      if (recorded.from != RecordedFrom::collections) continue;
      const auto found = samples.find(*recorded.metric);
      if (found.empty()) continue;
      if (recorded.summed_label.empty()) {
        record_each(recorded, found, time);
      } else {
        record_sums(recorded, found, read_at, time);
      }
    }
  }

 private:
  using LabelValues = std::vector<std::string>;  // sorted by label name

  // The sums of one metric.
  struct Sums {
    Time read_at{};
    std::map<LabelValues, SummedCounter> by_labels;
  };

  void record_each(const RecordedMetric& recorded, std::span<const SampleView> samples,
                   BootClock::time_point time) {
    for (const auto& sample : samples) {
      Labels labels = labels_of(sample);
      if (is_selected(recorded, labels))
        history_->record(*recorded.metric, labels.span(), sample.value, time);
    }
  }

  void record_sums(const RecordedMetric& recorded, std::span<const SampleView> samples,
                   Time read_at, BootClock::time_point time) {
    std::map<LabelValues, SummedCounter::Values> values;
    for (const auto& sample : samples) {
      Labels labels = labels_of(sample);
      auto* const label = find_label(*recorded.metric, labels, recorded.summed_label);
      if (label == nullptr || !is_selected(recorded, labels)) continue;
      const std::string name(std::exchange(*label, kSummed));
      const auto others = labels.span();
      values[{others.begin(), others.end()}].emplace_back(name, sample.value);
    }
    const std::lock_guard lock(mutex_);
    Sums& sums = sums_[recorded.metric->name];
    if (read_at <= sums.read_at) return;  // another scrape has recorded this collection
    sums.read_at = read_at;
    for (auto& [labels, of_all] : values) {
      const double sum = sums.by_labels[labels].update(std::move(of_all));
      const std::vector<std::string_view> texts(labels.begin(), labels.end());
      history_->record(*recorded.metric, texts, sum, time);
    }
  }

  std::mutex mutex_;
  std::map<std::string_view, Sums> sums_;  // by the name of the metric
  const std::shared_ptr<History> history_;
};

}  // namespace

std::shared_ptr<SampleRecorder> make_history_recorder(std::shared_ptr<History> history) {
  return std::make_shared<HistoryRecorder>(std::move(history));
}

}  // namespace rig
