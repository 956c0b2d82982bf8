#include "rig/metrics/json_text.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "metrics/number_text.h"

namespace rig {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
  });
}

// Appends the samples of families, and knows where a comma is needed.
class JsonFamilies {
 public:
  std::string take() && { return std::move(json_) + "}"; }

  void open(std::string_view name, std::string_view suffix = {}) {
    if (!first_family_) json_ += ',';
    first_family_ = false;
    first_sample_ = true;
    append_json_string(json_, std::string(name).append(suffix));
    json_ += ":[";
  }
  void close() { json_ += ']'; }

  void add(const Labels& labels, double value) { add(labels, value, {}); }
  // `bound` is the value of a bucket's label le.
  void add_bucket(const Labels& labels, double value, double bound) {
    std::string text;
    append_json_number(text, bound);
    if (!text.starts_with('"')) text = '"' + text + '"';
    add(labels, value, text);
  }

 private:
  void add(const Labels& labels, double value, std::string_view bound) {
    json_ += first_sample_ ? "[{" : ",[{";
    first_sample_ = false;
    bool first_label = true;
    for (const auto& label : labels) {
      if (!first_label) json_ += ',';
      first_label = false;
      append_json_string(json_, label.name);
      json_ += ':';
      append_json_string(json_, label.value);
    }
    if (!bound.empty()) json_.append(first_label ? "" : ",").append("\"le\":").append(bound);
    json_ += "},";
    append_json_number(json_, value);
    json_ += ']';
  }

  std::string json_ = "{";
  bool first_family_ = true;
  bool first_sample_ = true;
};

void add_histogram(JsonFamilies& json, const prometheus::MetricFamily& family) {
  const auto add_each = [&](std::string_view suffix, auto&& add) {
    json.open(family.name, suffix);
    for (const auto& metric : family.metric) add(metric);
    json.close();
  };
  add_each("_count", [&](const auto& metric) {
    json.add(metric.label, static_cast<double>(metric.histogram.sample_count));
  });
  add_each("_sum",
           [&](const auto& metric) { json.add(metric.label, metric.histogram.sample_sum); });
  add_each("_bucket", [&](const auto& metric) {
    for (const auto& bucket : metric.histogram.bucket)
      json.add_bucket(metric.label, static_cast<double>(bucket.cumulative_count),
                      bucket.upper_bound);
    const auto& buckets = metric.histogram.bucket;
    // The text has this bucket too where prometheus-cpp has left it out.
    if (buckets.empty() || !std::isinf(buckets.back().upper_bound))
      json.add_bucket(metric.label, static_cast<double>(metric.histogram.sample_count),
                      std::numeric_limits<double>::infinity());
  });
}

}  // namespace

void append_json_number(std::string& json, double value) {
  const bool quoted = !std::isfinite(value);
  if (quoted) json += '"';
  append_number(json, value);
  if (quoted) json += '"';
}

void append_json_string(std::string& json, std::string_view text) {
  if (is_plain(text)) {
    json.append("\"").append(text).append("\"");
    return;
  }
  using Json = nlohmann::json;
  json += Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string families_json(std::span<const prometheus::MetricFamily> families) {
  JsonFamilies json;
  for (const auto& family : families) {
    if (family.type == prometheus::MetricType::Histogram) {
      add_histogram(json, family);
      continue;
    }
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    json.open(family.name);
    for (const auto& metric : family.metric)
      json.add(metric.label, is_counter ? metric.counter.value : metric.gauge.value);
    json.close();
  }
  return std::move(json).take();
}

}  // namespace rig
