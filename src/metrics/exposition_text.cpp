#include "rig/metrics/exposition_text.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <utility>

#include "metrics/number_text.h"
#include "rig/kernel/byte_words.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

using FamilyLabels = std::vector<prometheus::ClientMetric::Label>;

constexpr std::string_view kTotal = "_total";

bool needs_escape(char c) { return c == '\\' || c == '"' || c == '\n'; }

std::uint64_t has_escaped(std::uint64_t word) {
  return has_byte(word, '\\') | has_byte(word, '"') | has_byte(word, '\n');
}

void append_escaped(TextBuffer& text, std::string_view value) {
  if (any_word(value, has_escaped) == 0) {
    text.append(value);
    return;
  }
  for (const char c : value) {
    if (needs_escape(c)) text.append('\\');
    text.append(c == '\n' ? 'n' : c);
  }
}

void append_all(TextBuffer& text, std::initializer_list<std::string_view> pieces) {
  for (const auto piece : pieces) text.append(piece);
}

void append_value(TextBuffer& text, double value) {
  append_number(text, value);
  text.append('\n');
}

// The lines of a metric's samples. They are sorted, so that most labels of a sample are those of
// the one before: that part of its line is kept.
class SampleLines {
 public:
  SampleLines(TextBuffer& line, const MetricInfo& metric) : line_(line), metric_(metric) {
    line_.truncate(0);
    line_.append(metric.name);
    append_before_label(0);
  }

  // Makes the buffer contain the line of `sample`.
  void write(const SampleView& sample) {
    std::size_t label = equal_labels(sample.label_values);
    line_.truncate(label_offsets_[label]);
    for (; label < metric_.label_count; ++label) {
      append_escaped(line_, sample.label_values[label]);
      append_before_label(label + 1);
    }
    append_value(line_, sample.value);
    label_values_ = sample.label_values;
  }

 private:
  // The number of labels until the first that differs from the sample before.
  std::size_t equal_labels(std::span<const std::string_view> values) const {
    std::size_t equal = 0;
    while (equal < label_values_.size() && is_same(label_values_[equal], values[equal])) ++equal;
    return equal;
  }

  // The text in front of a label value, and that behind the last one. For labels a and b: `{a="`,
  // `",b="` and `"} `.
  void append_before_label(std::size_t label) {
    if (label == metric_.label_count) {
      line_.append(label == 0 ? " " : "\"} ");
    } else {
      line_.append(label == 0 ? "{" : "\",");
      line_.append(metric_.labels[metric_.labels_by_name[label]]);
      line_.append("=\"");
    }
    label_offsets_[label] = line_.size();
  }

  TextBuffer& line_;
  const MetricInfo& metric_;
  std::span<const std::string_view> label_values_;         // of the sample that the line is of
  std::array<std::size_t, kMaxLabels + 1> label_offsets_;  // in the line; the last is the number's
};

// A label in front of the end of a series: `{name="value"`, or with a comma after another one.
void append_label(TextBuffer& text, bool first, std::string_view name, std::string_view value) {
  append_all(text, {first ? "{" : ",", name, "=\""});
  append_escaped(text, value);
  text.append('"');
}

void append_series(TextBuffer& text, std::string_view name, const FamilyLabels& labels,
                   double value) {
  text.append(name);
  for (const auto& label : labels)
    append_label(text, &label == labels.data(), label.name, label.value);
  text.append(labels.empty() ? " " : "} ");
  append_value(text, value);
}

void append_bucket(TextBuffer& text, std::string_view name, const FamilyLabels& labels,
                   std::string_view bound, std::uint64_t count) {
  append_all(text, {name, "_bucket"});
  for (const auto& label : labels)
    append_label(text, &label == labels.data(), label.name, label.value);
  append_label(text, labels.empty(), "le", bound);
  text.append("} ");
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
void ExpositionText::append_head(std::string_view name, std::string_view help, Kind kind,
                                 std::string_view unit) {
  const bool openmetrics = format_ == ExpositionFormat::openmetrics;
  if (openmetrics && kind == Kind::counter && name.ends_with(kTotal))
    name.remove_suffix(kTotal.size());
  append_all(part_, {"# HELP ", name, " "});
  if (openmetrics) {
    append_escaped(part_, help);
  } else {  // a declaration has neither line breaks nor backslashes in its help (metric.h)
    part_.append(help);
  }
  append_all(part_, {"\n# TYPE ", name, " ", kind_word(kind), "\n"});
  if (openmetrics && !unit.empty()) append_all(part_, {"# UNIT ", name, " ", unit, "\n"});
}

void ExpositionText::add_part() {
  text_ += part_.text();
  part_.truncate(0);
}

void ExpositionText::add_metric(std::span<const SampleView> samples) {
  const MetricInfo& metric = *samples.front().metric;
  append_head(metric.name, metric.help, metric.kind, unit_word(metric.unit));
  add_part();
  SampleLines lines(part_, metric);
  for (const auto& sample : samples) {
    lines.write(sample);
    text_ += part_.text();
  }
  part_.truncate(0);
}

// prometheus-cpp knows no units: that of the exporter's own metrics, if any, is in the name.
void ExpositionText::add_family(const prometheus::MetricFamily& family) {
  const Kind kind = kind_of(family.type);
  append_head(family.name, family.help, kind, family.name.ends_with("_seconds") ? "seconds" : "");
  if (kind == Kind::histogram) {
    append_histogram(family);
  } else {
    for (const auto& metric : family.metric)
      append_series(part_, family.name, metric.label,
                    kind == Kind::counter ? metric.counter.value : metric.gauge.value);
  }
  add_part();
}

void ExpositionText::append_histogram(const prometheus::MetricFamily& family) {
  for (const auto& metric : family.metric) {
    const auto& histogram = metric.histogram;
    append_series(part_, family.name + "_count", metric.label,
                  static_cast<double>(histogram.sample_count));
    append_series(part_, family.name + "_sum", metric.label, histogram.sample_sum);
    for (const auto& bucket : histogram.bucket)
      append_bucket(part_, family.name, metric.label, bucket_bound(bucket.upper_bound, format_),
                    bucket.cumulative_count);
    // Some versions of prometheus-cpp leave it out.
    if (histogram.bucket.empty() || !std::isinf(histogram.bucket.back().upper_bound))
      append_bucket(part_, family.name, metric.label, "+Inf", histogram.sample_count);
  }
}

}  // namespace rig
