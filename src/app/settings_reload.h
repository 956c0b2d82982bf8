// Reloads the settings: the command line and the configuration file.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "app/reload.h"
#include "rig/config/config.h"
#include "rig/scrape/collector.h"
#include "rig/scrape/scrape_scheduler.h"

namespace rig {

std::vector<CollectorSwitch> collector_switches(std::span<const CollectorInfo> collectors);

// Parses the arguments again, so that flags keep their precedence over the file. A setting that
// cannot change at run time and has changed is an error. `config` is the configuration in effect;
// `prepare_others` prepares what else uses it for each one that is to take its place. The
// arguments, the collectors and the scheduler must exist as long as a Reloader uses the result.
PrepareReload settings_reload(std::span<const char* const> arguments,
                              std::span<const CollectorInfo> collectors, const Config& config,
                              ScrapeScheduler& scheduler,
                              std::function<CommitReload(const Config&)> prepare_others);

}  // namespace rig
