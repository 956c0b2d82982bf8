#include "rig/metrics/exposition_text.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "metrics/number_text.h"

namespace rig {
namespace {

using FamilyLabels = std::vector<prometheus::ClientMetric::Label>;

constexpr std::string_view kTotal = "_total";

bool needs_escape(char c) { return c == '\\' || c == '"' || c == '\n'; }

void append_escaped(std::string& text, std::string_view value) {
  if (std::ranges::none_of(value, needs_escape)) {
    text += value;
    return;
  }
  for (const char c : value) {
    if (needs_escape(c)) text += '\\';
    text += c == '\n' ? 'n' : c;
  }
}

// The text of a metric's samples around their label values, for labels a and b: `name{a="`, `",b="`
// and `"} `.
std::vector<std::string> texts_around_labels(const MetricInfo& metric) {
  std::vector<std::string> texts{std::string(metric.name)};
  for (std::size_t i = 0; i < metric.label_count; ++i) {
    texts.back().append(i == 0 ? "{" : "\",");
    texts.back().append(metric.labels[metric.labels_by_name[i]]).append("=\"");
    texts.emplace_back();
  }
  texts.back().append(metric.label_count == 0 ? " " : "\"} ");
  return texts;
}

// A label in front of the end of a series: `{name="value"`, or with a comma after another one.
void append_label(std::string& text, bool first, std::string_view name, std::string_view value) {
  text += first ? '{' : ',';
  text += name;
  text += "=\"";
  append_escaped(text, value);
  text += '"';
}

void append_value(std::string& text, double value) {
  text += ' ';
  append_number(text, value);
  text += '\n';
}

void append_series(std::string& text, std::string_view name, const FamilyLabels& labels,
                   double value) {
  text += name;
  for (const auto& label : labels)
    append_label(text, &label == labels.data(), label.name, label.value);
  if (!labels.empty()) text += '}';
  append_value(text, value);
}

void append_bucket(std::string& text, std::string_view name, const FamilyLabels& labels,
                   std::string_view bound, std::uint64_t count) {
  text.append(name).append("_bucket");
  for (const auto& label : labels)
    append_label(text, &label == labels.data(), label.name, label.value);
  append_label(text, labels.empty(), "le", bound);
  text += '}';
  append_value(text, static_cast<double>(count));
}

// OpenMetrics has "1.0" where the text format has "1".
std::string bucket_bound(double bound, ExpositionFormat format) {
  std::string text;
  append_number(text, bound);
  const bool integer = text.find_first_not_of("-0123456789") == text.npos;
  return format == ExpositionFormat::openmetrics && integer ? text + ".0" : text;
}

Kind kind_of(prometheus::MetricType type) {
  if (type == prometheus::MetricType::Histogram) return Kind::histogram;
  return type == prometheus::MetricType::Counter ? Kind::counter : Kind::gauge;
}

}  // namespace

std::string_view content_type(ExpositionFormat format) {
  return format == ExpositionFormat::openmetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

void ExpositionText::add(const Samples& samples) {
  samples.for_each_metric([&](std::span<const SampleView> metric) { add_metric(metric); });
}

void ExpositionText::add(std::span<const prometheus::MetricFamily> families) {
  for (const auto& family : families) add_family(family);
}

std::string ExpositionText::take() && {
  if (format_ == ExpositionFormat::openmetrics) text_ += "# EOF\n";
  return std::move(text_);
}

// `name` is that of the samples. In OpenMetrics, a counter is called like its samples without
// _total.
void ExpositionText::add_head(std::string_view name, std::string_view help, Kind kind,
                              std::string_view unit) {
  const bool openmetrics = format_ == ExpositionFormat::openmetrics;
  if (openmetrics && kind == Kind::counter && name.ends_with(kTotal))
    name.remove_suffix(kTotal.size());
  text_.append("# HELP ").append(name).append(" ");
  if (openmetrics) {
    append_escaped(text_, help);
  } else {  // a declaration has neither line breaks nor backslashes in its help (metric.h)
    text_ += help;
  }
  text_.append("\n# TYPE ").append(name).append(" ").append(kind_word(kind)).append("\n");
  if (openmetrics && !unit.empty())
    text_.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
}

void ExpositionText::add_metric(std::span<const SampleView> samples) {
  const MetricInfo& metric = *samples.front().metric;
  add_head(metric.name, metric.help, metric.kind, unit_word(metric.unit));
  const auto texts = texts_around_labels(metric);
  for (const auto& sample : samples) {
    for (std::size_t i = 0; i < metric.label_count; ++i) {
      text_ += texts[i];
      append_escaped(text_, sample.label_values[i]);
    }
    text_ += texts.back();
    append_number(text_, sample.value);
    text_ += '\n';
  }
}

// prometheus-cpp knows no units: that of the exporter's own metrics, if any, is in the name.
void ExpositionText::add_family(const prometheus::MetricFamily& family) {
  const Kind kind = kind_of(family.type);
  add_head(family.name, family.help, kind, family.name.ends_with("_seconds") ? "seconds" : "");
  if (kind == Kind::histogram) {
    add_histogram(family);
    return;
  }
  for (const auto& metric : family.metric)
    append_series(text_, family.name, metric.label,
                  kind == Kind::counter ? metric.counter.value : metric.gauge.value);
}

void ExpositionText::add_histogram(const prometheus::MetricFamily& family) {
  for (const auto& metric : family.metric) {
    const auto& histogram = metric.histogram;
    append_series(text_, family.name + "_count", metric.label,
                  static_cast<double>(histogram.sample_count));
    append_series(text_, family.name + "_sum", metric.label, histogram.sample_sum);
    for (const auto& bucket : histogram.bucket)
      append_bucket(text_, family.name, metric.label, bucket_bound(bucket.upper_bound, format_),
                    bucket.cumulative_count);
    // Some versions of prometheus-cpp leave it out.
    if (histogram.bucket.empty() || !std::isinf(histogram.bucket.back().upper_bound))
      append_bucket(text_, family.name, metric.label, "+Inf", histogram.sample_count);
  }
}

}  // namespace rig
