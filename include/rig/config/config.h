// The configuration from flags and the YAML file, with its defaults.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rig/config/privacy.h"
#include "rig/gpu_protocol/probe_defaults.h"
#include "rig/kernel/root_paths.h"
#include "rig/log/log.h"

namespace rig {

// A collector as listed by --help with its flag --collector.NAME.
struct CollectorSwitch {
  std::string_view name;
  std::string_view help;  // short description of what it reads
};

struct Config {
  struct Web {
    std::vector<std::string> listen_addresses = {":10068"};
    bool systemd_socket = false;  // listen on what systemd passed instead of the addresses
    // Of the files of unix sockets. Others than the group of the exporter cannot read the metrics.
    unsigned unix_socket_mode = 0660;
    std::string telemetry_path = "/metrics";
    std::string config_file;  // TLS and users; empty: neither
    // Concurrent scrapes of different selections of collectors; further ones get status 503.
    unsigned max_requests = 40;
    bool lifecycle = false;  // POST to /-/reload reloads the configuration
    bool page = true;        // the live page, its JSON and its history of ten minutes
  } web;

  struct Log {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::logfmt;
  } log;

  struct Gpu {
    // The rig_gpu_probe to start, or a recording of its output; empty: the rig_gpu_probe that is
    // installed with this program.
    std::string probe;
    std::chrono::milliseconds sample_interval = kDefaultSampleInterval;
    std::chrono::milliseconds peak_window = kDefaultPeakWindow;
    unsigned max_cpu_percent = kDefaultMaxCpuPercent;
    unsigned processes = kDefaultProcessLimit;  // the largest are exported; 0: none
  } gpu;

  struct Raid {
    std::vector<std::string> expected;  // labels of arrays that should exist: "md0", "md/data"
    std::vector<std::string> ignored;   // labels of arrays that are not exported; may end in *
  } raid;

  struct Cpu {
    bool per_core = true;  // false: their sum
  } cpu;

  struct Filesystem {
    unsigned max = 256;  // filesystems that are exported, those mounted first
  } filesystem;

  Privacy privacy;

  RootPaths paths;

  // A scraper may send a shorter one.
  std::chrono::milliseconds scrape_timeout{5000};

  // Collectors that were enabled or disabled by name; others follow `collectors_by_default`.
  std::map<std::string, bool, std::less<>> collectors;
  bool collectors_by_default = true;

  bool collector_enabled(std::string_view name) const {
    const auto named = collectors.find(name);
    return named == collectors.end() ? collectors_by_default : named->second;
  }
};

}  // namespace rig
