// The exporter's own instrumentation: a prometheus::Registry for what happens between scrapes.
//
// What is read anew in each scrape is not in it: process_* (process_metrics.h), and the success and
// duration of the collectors. A gauge of a registry would be shared by scrapes that run at the same
// time, so that one could show another's success.
#pragma once

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

  // For an event that is counted elsewhere: raises the counter to `total`; it never falls.
  void raise_to(double total);

 private:
  std::shared_ptr<prometheus::Registry> registry_;  // owns the counter
  prometheus::Counter* counter_ = nullptr;
};

// All functions may be called from any thread.
class Instrumentation {
 public:
  Instrumentation();
  ~Instrumentation();
  Instrumentation(const Instrumentation&) = delete;
  Instrumentation& operator=(const Instrumentation&) = delete;

  // A response to a request. `handler` is the path of a route, or "other".
  void count_http_request(std::string_view handler, unsigned code);
  void observe_scrape(double seconds);
  // A counter without labels, from 0.
  EventCounter add_counter(const Metric<0>& metric);

  // Sorted by name.
  std::vector<prometheus::MetricFamily> families() const;

  // All that this class declares itself.
  static std::span<const MetricInfo* const> metrics();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rig
