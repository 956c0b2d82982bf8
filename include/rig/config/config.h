// Everything that flags and the YAML file can say, with the defaults.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rig/gpu_protocol/probe_defaults.h"
#include "rig/kernel/root_paths.h"
#include "rig/log/log.h"

namespace rig {

// A collector as its flag --collector.NAME shows it.
struct CollectorSwitch {
  std::string_view name;
  std::string_view help;  // what it reads, in a few words
};

struct Config {
  struct Web {
    std::vector<std::string> listen_addresses = {":10068"};
    std::string telemetry_path = "/metrics";
    unsigned max_requests = 40;  // scrapes at the same time; one more gets status 503
  } web;

  struct Log {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::logfmt;
  } log;

  struct Gpu {
    std::string
        probe;  // the rig_gpu_probe to start; empty: the one beside this program, else in libexec
    std::chrono::milliseconds sample_interval = kDefaultSampleInterval;
    std::chrono::milliseconds peak_window = kDefaultPeakWindow;
    unsigned processes = kDefaultProcessLimit;  // so many are shown, the largest; 0: none
  } gpu;

  struct Raid {
    std::vector<std::string> expected;  // labels of arrays that should be there: "md0", "md/data"
    std::vector<std::string> ignored;   // labels of arrays that have no series; "md12*" is many
  } raid;

  struct Cpu {
    bool per_core = true;  // false: the CPUs together
  } cpu;

  RootPaths host;

  // How long a scrape may take when the scraper does not say.
  std::chrono::milliseconds scrape_timeout{5000};

  // What was said of each collector; those that nothing was said of follow `collectors_by_default`.
  std::map<std::string, bool, std::less<>> collectors;
  bool collectors_by_default = true;

  bool collector_enabled(std::string_view name) const {
    const auto said = collectors.find(name);
    return said == collectors.end() ? collectors_by_default : said->second;
  }
};

}  // namespace rig
