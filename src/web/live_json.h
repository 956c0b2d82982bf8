// The response to /api/v1/live.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "rig/live/wall_time.h"
#include "rig/scrape/scrape.h"
#include "web/findings_refresher.h"

namespace rig {

struct LiveData {
  std::string hostname;        // empty: unknown
  std::string telemetry_path;  // of the metrics
  BootClock::time_point time;  // of the collection
  WallTime::Difference wall_time;
  const ScrapeResult& scrape;
  std::span<const prometheus::MetricFamily> families;           // of the scrape
  std::shared_ptr<const FindingsRefresher::Findings> findings;  // may be null
};

std::string live_json(const LiveData& data);

}  // namespace rig
