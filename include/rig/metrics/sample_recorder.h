// Receives samples as they are read, for a history of recent values. All functions may be called
// from any thread and never wait for anything that may hang.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

class SampleRecorder {
 public:
  using Time = std::chrono::steady_clock::time_point;

  SampleRecorder() = default;
  SampleRecorder(const SampleRecorder&) = delete;
  SampleRecorder& operator=(const SampleRecorder&) = delete;
  virtual ~SampleRecorder() = default;

  // True if record_reading() has a use for this metric.
  virtual bool wants_readings_of(const MetricInfo& metric) const = 0;
  // A value that arrived between collections, of a source that sends them by itself. The label
  // values are in the order of the metric's declaration.
  virtual void record_reading(const MetricInfo& metric, double value,
                              std::span<const std::string_view> label_values, Time read_at) = 0;
  // The samples of one collector, collected at `read_at`. Has no effect if the same samples, or
  // later ones of that collector, were recorded before.
  virtual void record_collection(const Samples& samples, Time read_at) = 0;
};

}  // namespace rig
