// Formats samples as the text that Prometheus reads, in one of two formats:
//
//   text         https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
//   openmetrics  OpenMetrics 1.0: https://prometheus.io/docs/specs/om/open_metrics_spec/. It adds
//                UNIT lines and an end marker, by which a truncated response can be recognized.
//
// Both contain the same series with the same values.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "rig/metrics/samples.h"
#include "rig/metrics/text_buffer.h"

namespace prometheus {
struct MetricFamily;
}  // namespace prometheus

namespace rig {

enum class ExpositionFormat { text, openmetrics };

// The value of the Content-Type header.
std::string_view content_type(ExpositionFormat format);

// A text to which samples are added. No metric may be added twice: its series have to be adjacent.
class ExpositionText {
 public:
  // `expected_size`: so many bytes are reserved for the text.
  explicit ExpositionText(ExpositionFormat format, std::size_t expected_size = 0)
      : format_(format) {
    text_.reserve(expected_size);
  }

  void add(const Samples& samples);
  // Counters, gauges and histograms of prometheus-cpp.
  void add(std::span<const prometheus::MetricFamily> families);

  // The whole text. Call it once, at the end.
  std::string take() &&;

 private:
  void add_metric(std::span<const SampleView> samples);
  void add_family(const prometheus::MetricFamily& family);
  void append_histogram(const prometheus::MetricFamily& family);
  void append_head(std::string_view name, std::string_view help, Kind kind, std::string_view unit);
  void add_part();

  ExpositionFormat format_;
  TextBuffer part_;  // what is added to the text next; empty between calls
  std::string text_;
};

}  // namespace rig
