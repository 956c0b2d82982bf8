#include "rig/samples.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>
#include <utility>

#include "rig/kernel_text.h"
#include "rig/utf8.h"

namespace rig {
namespace {

bool label_value_less(const std::string& left, const std::string& right) {
  if (left == right) return false;
  const auto left_number = parse_number<unsigned>(left);
  const auto right_number = parse_number<unsigned>(right);
  if (left_number && right_number && left_number != right_number)
    return *left_number < *right_number;
  if (left_number.has_value() != right_number.has_value()) return left_number.has_value();
  return left < right;
}

bool labels_less(const prometheus::ClientMetric& left, const prometheus::ClientMetric& right) {
  return std::lexicographical_compare(left.label.begin(), left.label.end(), right.label.begin(),
                                      right.label.end(), [](const auto& a, const auto& b) {
                                        if (a.name != b.name) return a.name < b.name;
                                        return label_value_less(a.value, b.value);
                                      });
}

std::string series_name(const MetricInfo& metric,
                        const std::map<std::string, std::string>& labels) {
  std::string name(metric.name);
  name += '{';
  for (const auto& [label, value] : labels) {
    if (name.back() != '{') name += ',';
    name.append(label).append("=\"").append(value).append("\"");
  }
  return name + '}';
}

// False when the series is there already. `family` is remembered, since looking it up costs more
// than adding to it.
template <typename Value>
bool put(prometheus::Family<Value>*& family, prometheus::Registry& registry,
         const MetricInfo& metric, const std::map<std::string, std::string>& labels, double value) {
  if (family == nullptr) {
    prometheus::detail::Builder<Value> builder;
    family =
        &builder.Name(std::string(metric.name)).Help(std::string(metric.help)).Register(registry);
  }
  if (family->Has(labels)) return false;
  auto& series = family->Add(labels);
  if constexpr (std::is_same_v<Value, prometheus::Counter>) {
    series.Increment(value);
  } else {
    series.Set(value);
  }
  return true;
}

}  // namespace

Samples::Samples() : registry_(std::make_unique<prometheus::Registry>()) {}
Samples::~Samples() = default;
Samples::Samples(Samples&&) noexcept = default;
Samples& Samples::operator=(Samples&&) noexcept = default;

void Samples::problem(std::string what) { problems_.push_back(std::move(what)); }

std::string_view Samples::known_state(std::span<const std::string_view> states,
                                      std::string_view current) {
  const bool known = std::find(states.begin(), states.end(), current) != states.end();
  return known ? current : std::string_view("other");
}

void Samples::record(const MetricInfo& metric, double value,
                     std::span<const std::string_view> labels) {
  std::map<std::string, std::string> pairs;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    pairs.emplace(metric.labels[i], valid_utf8(labels[i]));
  }
  if (!std::isfinite(value)) {
    problem(series_name(metric, pairs) + " is no finite number");
    return;
  }
  const bool added = metric.kind == Kind::counter
                         ? put(counters_[&metric], *registry_, metric, pairs, value)
                         : put(gauges_[&metric], *registry_, metric, pairs, value);
  if (!added) problem(series_name(metric, pairs) + " stands twice");
}

std::vector<prometheus::MetricFamily> Samples::families() const {
  auto families = registry_->Collect();
  for (auto& family : families) {
    std::sort(family.metric.begin(), family.metric.end(), labels_less);
  }
  std::sort(families.begin(), families.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return families;
}

}  // namespace rig
