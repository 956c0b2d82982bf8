// What the exporter answers at which path.
//
//   /metrics (or --web.telemetry-path)  a scrape; ?collect[]=NAME, repeated, chooses collectors
//   /                                   a page for people
//   /-/healthy                          200 while the program runs
//   /-/ready                            200 once every collector can give a complete answer, 503
//   before
#pragma once

#include <chrono>
#include <vector>

#include "rig/config/config.h"
#include "rig/scrape/scrape.h"
#include "rig/web/http_server.h"

namespace rig {

// How long a scrape may take: what Prometheus says it will wait
// (X-Prometheus-Scrape-Timeout-Seconds) less a margin for the way back, else `otherwise`.
std::chrono::milliseconds scrape_budget(const HttpRequest& request,
                                        std::chrono::milliseconds otherwise);

// Both must outlive the pages.
std::vector<HttpRoute> exporter_pages(Scrape& scrape, const Config& config);

}  // namespace rig
