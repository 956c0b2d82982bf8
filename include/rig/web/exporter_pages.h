// The paths that the exporter serves, besides those of live_api.h.
//
//   /metrics (or --web.telemetry-path)  a scrape, in OpenMetrics for clients that prefer it;
//                                       ?collect[]=NAME, repeated, selects collectors
//   /                                   the live page; with --web.no-page links to the others
//   /-/healthy                          200 while the program is running
//   /-/ready                            200 once every collector is ready to be scraped, else 503
#pragma once

#include <chrono>
#include <vector>

#include "rig/config/config.h"
#include "rig/scrape/scrape_scheduler.h"
#include "rig/web/http_server.h"

namespace rig {

// How long a scrape may take: Prometheus' own timeout (X-Prometheus-Scrape-Timeout-Seconds) minus a
// margin for the transfer, but not longer than `limit`.
std::chrono::milliseconds scrape_timeout(const HttpRequest& request,
                                         std::chrono::milliseconds limit);

// Both must outlive the routes. Settings that a reload can change are those of the scheduler.
std::vector<HttpRoute> exporter_routes(ScrapeScheduler& scheduler, const Config& config);

}  // namespace rig
