// A scrape asks all collectors at the same time, waits for them until a deadline, and forgets
// everything.
//
// Several scrapes may run at once, each in a thread of its own.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/config/config.h"
#include "rig/scrape/collector.h"
#include "rig/scrape/collector_runner.h"

namespace rig {

// https://prometheus.io/docs/instrumenting/exposition_formats/
inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

class Scrape {
 public:
  // Makes the collectors that `config` has enabled, and a worker for each.
  Scrape(std::span<const CollectorInfo> collectors, const Config& config);
  ~Scrape();

  // The names of the collectors that run.
  std::vector<std::string_view> names() const;

  // True when every collector can give a complete answer.
  bool ready() const;

  // Everything that the collectors named in `only` (all, when it is empty) said by the deadline,
  // with rig_collector_success and rig_collector_duration_seconds for each, and the exporter's own
  // metrics, as the text that Prometheus reads (kExpositionType). One collector after the other.
  std::string collect(std::span<const std::string> only, Deadline deadline);

 private:
  std::vector<std::unique_ptr<CollectorRunner>> workers_;
  ProblemLog process_problems_{"process"};
};

// The metrics that Scrape itself adds.
std::span<const MetricInfo* const> scrape_metrics();

}  // namespace rig
