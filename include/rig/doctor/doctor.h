// rig_exporter doctor: tells people whose GPU, array or metric is missing what was looked for, what
// was found, and what to do.
#pragma once

#include <span>
#include <string>

#include "rig/config/config.h"
#include "rig/scrape/collector.h"

namespace rig {

struct Diagnosis {
  std::string text;      // for a terminal, most important first
  bool healthy = false;  // there is no problem that somebody can fix
};

// Examines the host that `config` names and scrapes it once. If a driver or a name server hangs,
// that takes twice config.scrape_timeout and 5 s. Listens nowhere and writes nothing.
Diagnosis diagnose(std::span<const CollectorInfo> collectors, const Config& config);

}  // namespace rig
