// Runs the RAID collector on a directory that represents a host.
#pragma once

#include <prometheus/metric_family.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/config/config.h"
#include "rig/scrape/collectors.h"
#include "support/problem_texts.h"

struct Collected {
  std::map<std::string, double> samples;  // rig_raid_disks{array=md0,state=active}
  std::vector<std::string> problems;

  std::optional<double> operator[](const std::string& series) const {
    const auto found = samples.find(series);
    return found == samples.end() ? std::nullopt : std::optional(found->second);
  }
  // The state that is 1; empty if there are no such series, "?" unless exactly one is 1.
  std::string state(const std::string& metric, const std::string& array) const {
    std::string found;
    int ones = 0;
    for (const auto& [series, value] : samples) {
      if (!series.starts_with(metric + "{")) continue;
      std::string labels = series.substr(metric.size() + 1);
      labels.back() = ',';
      const std::string array_label = "array=" + array + ",";
      const auto at = labels.find(array_label);
      if (at == labels.npos) continue;
      labels.erase(at, array_label.size());
      if (value == 1.0) ++ones;
      if (value == 1.0 || ones == 0) found = labels.substr(labels.find('=') + 1);
    }
    if (found.empty()) return "";
    found.pop_back();
    return ones == 1 ? found : "?";
  }
  // Number of series whose text starts with `prefix`.
  std::size_t count(const std::string& prefix) const {
    std::size_t found = 0;
    for (const auto& [series, value] : samples) found += series.starts_with(prefix) ? 1U : 0U;
    return found;
  }
};

class RaidHost {
 public:
  explicit RaidHost(const std::filesystem::path& root, const rig::Config& config = {}) {
    rig::RootPaths paths;
    paths.proc = root / "proc";
    paths.sys = root / "sys";
    paths.root = root;
    collector_ = rig::raid_collector().make(paths, config);
  }

  Collected collect(std::chrono::milliseconds timeout = std::chrono::hours(1)) {
    rig::Samples samples;
    collector_->collect(samples, std::chrono::steady_clock::now() + timeout);
    Collected collected;
    collected.problems = texts(samples.problems());
    for (const auto& family : samples.families()) {
      for (const auto& metric : family.metric) {
        std::string series = family.name;
        for (const auto& label : metric.label) {
          series += (series == family.name ? "{" : ",") + label.name + "=" + label.value;
        }
        if (!metric.label.empty()) series += "}";
        const bool is_counter = family.type == prometheus::MetricType::Counter;
        collected.samples[series] = is_counter ? metric.counter.value : metric.gauge.value;
      }
    }
    return collected;
  }

 private:
  std::unique_ptr<rig::Collector> collector_;
};
