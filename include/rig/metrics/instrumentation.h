// The exporter's own instrumentation: a prometheus::Registry for events between scrapes.
//
// It does not contain what is read in each scrape: process_* (process_metrics.h), and the success
// and duration of the collectors. Concurrent scrapes would share a gauge of the registry, so that
// one scrape could export the success of another.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "rig/metrics/metric.h"

namespace prometheus {
class Counter;
class Registry;
struct MetricFamily;
}  // namespace prometheus

namespace rig {

// A counter of the registry. All functions may be called from any thread.
class EventCounter {
 public:
  // Counts nothing.
  EventCounter() = default;
  EventCounter(std::shared_ptr<prometheus::Registry> registry, prometheus::Counter& counter);

  // For events that are counted elsewhere: increases the counter to `total`, in addition to what it
  // had when this object was created. It never decreases.
  void increase_to(double total);

 private:
  std::shared_ptr<prometheus::Registry> registry_;  // owns the counter
  prometheus::Counter* counter_ = nullptr;
  double base_ = 0;  // its value at first
};

// All functions may be called from any thread.
class Instrumentation {
 public:
  Instrumentation();
  ~Instrumentation();
  Instrumentation(const Instrumentation&) = delete;
  Instrumentation& operator=(const Instrumentation&) = delete;

  // Counts a response to a request. `handler` is the path of a route, or "other".
  void count_http_request(std::string_view handler, unsigned code);
  void observe_scrape(double seconds);
  // The configuration was loaded at `time`, or could not be loaded: then the previous time remains.
  void configuration_loaded(std::chrono::system_clock::time_point time);
  void configuration_not_loaded();
  // A counter without labels, from 0, or from its value if it was added before.
  EventCounter add_counter(const Metric<0>& metric);

  // Sorted by name.
  std::vector<prometheus::MetricFamily> families() const;

  // All metrics that this class declares.
  static std::span<const MetricInfo* const> metrics();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rig
