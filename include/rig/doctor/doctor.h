// rig_exporter doctor: explains why a GPU, an array or a metric is missing: what was checked, what
// was found, and what to do about it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rig/config/config.h"
#include "rig/doctor/finding.h"
#include "rig/scrape/collector.h"
#include "rig/scrape/scrape.h"
#include "rig/threads/task_pool.h"

namespace rig {

struct Diagnosis {
  std::string text;      // for a terminal, most important first
  bool healthy = false;  // no problem was found
};

// Examines the host described by `config` and scrapes it once. Takes up to twice
// config.scrape_timeout plus 5 s if a driver or a name server hangs. Does not listen on any address
// and writes no files.
Diagnosis diagnose(std::span<const CollectorInfo> collectors, const Config& config);

// Examines a host again and again, for an exporter that is running.
class HostExamination {
 public:
  HostExamination(std::span<const CollectorInfo> collectors, const Config& config);

  // What is wrong or worth knowing (no finding has the level ok) according to a scrape and the
  // host's files: problems, then notes, each most important first. The addresses that the exporter
  // listens on are not examined. Takes at most 5 s; a check that hangs is a finding, and is not
  // started again until it has returned. One caller at a time.
  Findings findings(const ScrapeResult& scrape);

 private:
  const Config config_;
  const std::vector<std::string> disabled_;  // collectors
  TaskPool pool_{"doctor"};
};

}  // namespace rig
