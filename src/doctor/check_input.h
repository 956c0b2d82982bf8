// The input of the checks: the host's files below Config::paths, and one scrape.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/config/config.h"
#include "rig/scrape/scrape.h"

namespace rig {

struct CheckInput {
  Config config;
  ScrapeResult scrape;
  std::vector<std::string> disabled;  // collectors

  // True if the collector is enabled and finished in time.
  bool finished(std::string_view collector) const;

  // True if it also reported problems.
  bool has_problems(std::string_view collector) const;
};

// The names of the collectors that `config` disables.
std::vector<std::string> disabled_collectors(std::span<const CollectorInfo> collectors,
                                             const Config& config);

// Starts the collectors that `config` enables, waits for their first readings, and runs each once.
// Takes at most twice config.scrape_timeout.
CheckInput scrape_for_checks(std::span<const CollectorInfo> collectors, const Config& config);

}  // namespace rig
