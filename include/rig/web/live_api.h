// The JSON that the live page shows: /api/v1/live and /api/v1/history (docs/api.md).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rig/config/config.h"
#include "rig/live/history.h"
#include "rig/scrape/scrape_scheduler.h"
#include "rig/web/http_server.h"

namespace rig {

// What is wrong with the host or worth knowing, for people.
struct LiveFinding {
  std::string level;  // "problem" or "note"
  std::string subject;
  std::string what;
  std::string advice;  // may be empty
};

// Determines the findings, most important first, from the host and a scrape of it. May hang; never
// called again before it has returned.
using FindFindings = std::function<std::vector<LiveFinding>(const ScrapeResult&)>;

// `find` must own what it uses, since a call of it may outlive the routes; the scheduler and
// the configuration must outlive them.
std::vector<HttpRoute> live_routes(ScrapeScheduler& scheduler, const Config& config,
                                   std::shared_ptr<const History> history, FindFindings find);

}  // namespace rig
