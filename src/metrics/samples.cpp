#include "rig/metrics/samples.h"

#include <fmt/format.h>
#include <prometheus/metric_family.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "rig/kernel/text.h"
#include "rig/kernel/utf8.h"

namespace rig {
namespace {

constexpr std::size_t kMaxProblems = 100;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A decimal number of any length, as the kernel prints it: without leading zeros.
bool is_number(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) return false;
  return text.size() == 1 || (text.front() != '0' && std::ranges::all_of(text, is_digit));
}

// Numbers come first, by their values.
bool label_value_less(std::string_view left, std::string_view right) {
  const bool left_is_number = is_number(left);
  const bool right_is_number = is_number(right);
  if (left_is_number != right_is_number) return left_is_number;
  if (left_is_number && left.size() != right.size()) return left.size() < right.size();
  return left < right;
}

// Samples of one metric, by their labels.
bool sample_less(const SampleView& left, const SampleView& right) {
  for (std::size_t i = 0; i < left.label_values.size(); ++i) {
    const std::string_view in_left = left.label_values[i];
    const std::string_view in_right = right.label_values[i];
    if (!is_same(in_left, in_right)) return label_value_less(in_left, in_right);
  }
  return false;
}

std::string series_name(const MetricInfo& metric, std::span<const std::string_view> values) {
  std::string name(metric.name);
  for (std::size_t i = 0; i < values.size(); ++i) {
    name.append(i == 0 ? "{" : ",").append(metric.labels[metric.labels_by_name[i]]);
    name.append("=\"").append(values[i]).append("\"");
  }
  return values.empty() ? name : name + '}';
}

prometheus::ClientMetric client_metric(const SampleView& sample) {
  const MetricInfo& metric = *sample.metric;
  prometheus::ClientMetric made;
  made.label.reserve(sample.label_values.size());
  for (std::size_t i = 0; i < sample.label_values.size(); ++i)
    made.label.push_back({std::string(metric.labels[metric.labels_by_name[i]]),
                          std::string(sample.label_values[i])});
  (metric.kind == Kind::counter ? made.counter.value : made.gauge.value) = sample.value;
  return made;
}

}  // namespace

std::string_view SampleView::label(std::string_view name) const {
  for (std::size_t i = 0; i < label_values.size(); ++i) {
    if (metric->labels[metric->labels_by_name[i]] == name) return label_values[i];
  }
  return {};
}

void Samples::add_problem(Problem problem) {
  if (problems_.size() < kMaxProblems) {
    problems_.push_back(bounded(std::move(problem)));
    return;
  }
  if (more_problems_++ == 0) problems_.push_back({Reason::failed, "problems", ""});
  problems_.back().detail = fmt::format("and {} more", more_problems_);
}

std::vector<SampleView> Samples::find(const MetricInfo& metric) const {
  const auto found = content_->by_name.find(metric.name);
  if (found == content_->by_name.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::string_view Samples::known_state(std::span<const std::string_view> states,
                                      std::string_view current) {
  const bool known = std::find(states.begin(), states.end(), current) != states.end();
  return known ? current : std::string_view("other");
}

Samples::LabelValues Samples::valid_labels(const MetricInfo& metric, LabelValues labels) {
  if (std::ranges::all_of(labels, is_ascii)) return copy_labels(metric, labels);
  std::vector<std::string> repaired;
  std::ranges::transform(labels, std::back_inserter(repaired), valid_utf8);
  return copy_labels(metric, std::vector<std::string_view>(repaired.begin(), repaired.end()));
}

// In one block of memory: the views, and behind them the text that they refer to.
Samples::LabelValues Samples::copy_labels(const MetricInfo& metric, LabelValues labels) {
  std::size_t length = 0;
  for (const auto label : labels) length += label.size();
  const std::size_t views_size = labels.size() * sizeof(std::string_view);
  void* const block = content_->memory.allocate(views_size + length, alignof(std::string_view));
  auto* const views = static_cast<std::string_view*>(block);
  char* text = static_cast<char*>(block) + views_size;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string_view label = labels[metric.labels_by_name[i]];
    std::construct_at(views + i, text, label.size());
    text += label.copy(text, label.size());
  }
  return {views, labels.size()};
}

Samples::Sorted& Samples::samples_of(const MetricInfo& metric) {
  Sorted*& known = content_->by_metric[&metric];
  if (known == nullptr) known = &content_->by_name[metric.name];
  return *known;
}

void Samples::record(const MetricInfo& metric, double value, LabelValues labels) {
  const SampleView sample{&metric, valid_labels(metric, labels), value};
  if (!metric.plausible.contains(value)) {  // NaN is in no range
    add_problem({Reason::implausible, series_name(metric, sample.label_values),
                 fmt::format("implausible: {:g}", value)});
    return;
  }
  auto& samples = samples_of(metric);
  if (samples.empty() || sample_less(samples.back(), sample)) {
    samples.push_back(sample);
    return;
  }
  const auto place = std::ranges::lower_bound(samples, sample, sample_less);
  if (sample_less(sample, *place)) {
    samples.insert(place, sample);
  } else {
    add_problem({Reason::duplicate, series_name(metric, sample.label_values), "duplicate series"});
  }
}

std::vector<prometheus::MetricFamily> Samples::families() const {
  std::vector<prometheus::MetricFamily> families;
  families.reserve(content_->by_name.size());
  for_each_metric([&](std::span<const SampleView> samples) {
    const MetricInfo& metric = *samples.front().metric;
    auto& family = families.emplace_back();
    family.name = metric.name;
    family.help = metric.help;
    family.type = metric.kind == Kind::counter ? prometheus::MetricType::Counter
                                               : prometheus::MetricType::Gauge;
    family.metric.reserve(samples.size());
    std::ranges::transform(samples, std::back_inserter(family.metric), client_metric);
  });
  return families;
}

}  // namespace rig
