// The state of the exporter in one line, for people who ask the service manager.
#pragma once

#include <span>
#include <string>

#include "rig/scrape/scrape.h"

namespace rig {

// "serving metrics on 127.0.0.1:10068; 8 collectors, 1 failing: gpu: /sys/...: read timed out".
// Valid UTF-8, and at most some hundred bytes. `result` is null before the first scrape has ended.
std::string service_status(std::span<const std::string> addresses, const ScrapeResult* result);

}  // namespace rig
