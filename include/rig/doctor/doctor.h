// rig_exporter doctor: says to a person whose GPU, array or metric is missing what was looked for,
// what was found, and what to do.
#pragma once

#include <span>
#include <string>

#include "rig/config/config.h"
#include "rig/scrape/collector.h"

namespace rig {

struct Diagnosis {
  std::string text;   // for a terminal, most important first
  bool well = false;  // nothing is wrong that a person can mend
};

// Looks at the machine that `config` names and scrapes it once. Where a driver or a name server
// hangs that takes config.scrape_timeout twice and 5 s more. Listens nowhere and writes nothing.
Diagnosis diagnose(std::span<const CollectorInfo> collectors, const Config& config);

}  // namespace rig
