#include "rig/metrics/samples.h"

#include <fmt/format.h>
#include <prometheus/metric_family.h>

#include <algorithm>
#include <utility>

#include "rig/kernel/text.h"
#include "rig/kernel/utf8.h"

namespace rig {
namespace {

constexpr std::size_t kMaxProblems = 100;

bool label_value_less(const std::string& left, const std::string& right) {
  const auto left_number = parse_number<unsigned>(left);
  const auto right_number = parse_number<unsigned>(right);
  if (left_number && right_number && left_number != right_number)
    return *left_number < *right_number;
  if (left_number.has_value() != right_number.has_value()) return left_number.has_value();
  return left < right;
}

std::string series_name(const MetricInfo& metric, std::span<const std::string> values) {
  std::string name(metric.name);
  for (std::size_t i = 0; i < values.size(); ++i) {
    name.append(i == 0 ? "{" : ",").append(metric.labels[metric.labels_by_name[i]]);
    name.append("=\"").append(values[i]).append("\"");
  }
  return values.empty() ? name : name + '}';
}

prometheus::ClientMetric client_metric(const MetricInfo& metric,
                                       const std::vector<std::string>& values, double value) {
  prometheus::ClientMetric made;
  made.label.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    made.label.push_back({std::string(metric.labels[metric.labels_by_name[i]]), values[i]});
  (metric.kind == Kind::counter ? made.counter.value : made.gauge.value) = value;
  return made;
}

}  // namespace

bool Samples::LessByLabels::operator()(const LabelValues& left, const LabelValues& right) const {
  const auto [in_left, in_right] =
      std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  if (in_left == left.end()) return false;
  return label_value_less(*in_left, *in_right);
}

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
  std::vector<SampleView> found;
  const auto series = series_.find(metric.name);
  if (series == series_.end()) return found;
  for (const auto& [labels, value] : series->second.values)
    found.push_back({series->second.metric, labels, value});
  return found;
}

std::string_view Samples::known_state(std::span<const std::string_view> states,
                                      std::string_view current) {
  const bool known = std::find(states.begin(), states.end(), current) != states.end();
  return known ? current : std::string_view("other");
}

void Samples::record(const MetricInfo& metric, double value,
                     std::span<const std::string_view> labels) {
  LabelValues values(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    values[i] = valid_utf8(labels[metric.labels_by_name[i]]);
  if (!metric.plausible.contains(value)) {  // NaN is in no range
    add_problem({Reason::implausible, series_name(metric, values),
                 fmt::format("implausible: {:g}", value)});
    return;
  }
  Series& series = series_[metric.name];
  series.metric = &metric;
  const auto [known, added] = series.values.try_emplace(std::move(values), value);
  if (!added)
    add_problem({Reason::duplicate, series_name(metric, known->first), "duplicate series"});
}

std::vector<prometheus::MetricFamily> Samples::families() const {
  std::vector<prometheus::MetricFamily> families;
  families.reserve(series_.size());
  for (const auto& [name, series] : series_) {
    auto& family = families.emplace_back();
    family.name = name;
    family.help = series.metric->help;
    family.type = series.metric->kind == Kind::counter ? prometheus::MetricType::Counter
                                                       : prometheus::MetricType::Gauge;
    family.metric.reserve(series.values.size());
    for (const auto& [values, value] : series.values)
      family.metric.push_back(client_metric(*series.metric, values, value));
  }
  return families;
}

}  // namespace rig
