// rig_exporter doctor: explains why a GPU, an array or a metric is missing: what was checked, what
// was found, and what to do about it.
#pragma once

#include <span>
#include <string>

#include "rig/config/config.h"
#include "rig/scrape/collector.h"

namespace rig {

struct Diagnosis {
  std::string text;      // for a terminal, most important first
  bool healthy = false;  // no problem was found
};

// Examines the host described by `config` and scrapes it once. Takes up to twice
// config.scrape_timeout plus 5 s if a driver or a name server hangs. Does not listen on any address
// and writes no files.
Diagnosis diagnose(std::span<const CollectorInfo> collectors, const Config& config);

}  // namespace rig
