#include "rig/metrics/instrumentation.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "rig/metrics/build_info.h"

namespace rig {
namespace {

constexpr auto kBuildInfo = gauge("rig_exporter_build_info", Unit::none,
                                  "Version, revision and compiler of this rig_exporter; always 1.",
                                  "version", "revision", "compiler");
constexpr auto kReloadSuccessful = gauge(
    "rig_exporter_config_last_reload_successful", Unit::none,
    "1 if the configuration was valid when it was read for the last time, at the start or by a "
    "reload; 0 if it was not, and the previous one stays in effect.");
constexpr auto kReloadTime = gauge(
    "rig_exporter_config_last_reload_timestamp_seconds", Unit::seconds,
    "Unix time of the last successful load of the configuration, at the start or by a reload.");
constexpr auto kHttpRequests =
    counter("rig_exporter_http_requests_total", Unit::none,
            "HTTP requests answered, by path (\"other\" for unknown paths) and status code.",
            "handler", "code");
constexpr auto kScrapeDuration =
    histogram("rig_exporter_scrape_duration_seconds", Unit::seconds,
              "Time to collect the samples of a scrape, without rendering and sending them.");
constexpr auto kInstrumentationMetrics = std::to_array<const MetricInfo*>(
    {&kBuildInfo, &kReloadSuccessful, &kReloadTime, &kHttpRequests, &kScrapeDuration});

const prometheus::Histogram::BucketBoundaries kScrapeBuckets{
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

// "name" and "help" of a prometheus builder come from the declaration.
template <typename Builder>
auto& add_family(Builder builder, const MetricInfo& metric, prometheus::Registry& registry) {
  return builder.Name(std::string(metric.name)).Help(std::string(metric.help)).Register(registry);
}

}  // namespace

EventCounter::EventCounter(std::shared_ptr<prometheus::Registry> registry,
                           prometheus::Counter& counter)
    : registry_(std::move(registry)), counter_(&counter), base_(counter.Value()) {}

void EventCounter::increase_to(double total) {
  if (counter_ == nullptr) return;
  const double missing = base_ + total - counter_->Value();
  if (missing > 0) counter_->Increment(missing);
}

struct Instrumentation::Impl {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  prometheus::Family<prometheus::Counter>& http_requests =
      add_family(prometheus::BuildCounter(), kHttpRequests, *registry);
  prometheus::Gauge& reload_successful =
      add_family(prometheus::BuildGauge(), kReloadSuccessful, *registry).Add({});
  prometheus::Gauge& reload_time =
      add_family(prometheus::BuildGauge(), kReloadTime, *registry).Add({});
  prometheus::Histogram& scrape_duration =
      add_family(prometheus::BuildHistogram(), kScrapeDuration, *registry).Add({}, kScrapeBuckets);
};

Instrumentation::Instrumentation() : impl_(std::make_unique<Impl>()) {
  add_family(prometheus::BuildGauge(), kBuildInfo, *impl_->registry)
      .Add({{"version", std::string(kVersion)},
            {"revision", std::string(kRevision)},
            {"compiler", std::string(kCompiler)}})
      .Set(1);
  configuration_loaded(std::chrono::system_clock::now());
}

Instrumentation::~Instrumentation() = default;

void Instrumentation::count_http_request(std::string_view handler, unsigned code) {
  impl_->http_requests.Add({{"handler", std::string(handler)}, {"code", std::to_string(code)}})
      .Increment();
}

void Instrumentation::observe_scrape(double seconds) { impl_->scrape_duration.Observe(seconds); }

void Instrumentation::configuration_loaded(std::chrono::system_clock::time_point time) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  impl_->reload_time.Set(std::round(Milliseconds(time.time_since_epoch()).count()) / 1000);
  impl_->reload_successful.Set(1);
}

void Instrumentation::configuration_not_loaded() { impl_->reload_successful.Set(0); }

EventCounter Instrumentation::add_counter(const Metric<0>& metric) {
  return {impl_->registry,
          add_family(prometheus::BuildCounter(), metric, *impl_->registry).Add({})};
}

std::vector<prometheus::MetricFamily> Instrumentation::families() const {
  auto families = impl_->registry->Collect();
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
  // prometheus-cpp keeps the series of a family in a hash map.
  for (auto& family : families)
    std::ranges::sort(family.metric, {}, &prometheus::ClientMetric::label);
  return families;
}

std::span<const MetricInfo* const> Instrumentation::metrics() { return kInstrumentationMetrics; }

}  // namespace rig
