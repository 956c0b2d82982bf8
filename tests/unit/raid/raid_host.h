// One collection of the RAID collector, and its samples by their text.
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

struct Collection {
  std::map<std::string, double> samples;  // rig_raid_disks{array=md0,state=active}
  std::vector<std::string> problems;

  std::optional<double> operator[](const std::string& series) const {
    const auto found = samples.find(series);
    return found == samples.end() ? std::nullopt : std::optional(found->second);
  }
  // The state that is 1; empty when the set is not there, "?" when not exactly one is.
  std::string state(const std::string& metric, const std::string& array) const {
    std::string found;
    int ones = 0;
    for (const auto& [series, value] : samples) {
      if (!series.starts_with(metric + "{")) continue;
      std::string labels = series.substr(metric.size() + 1);
      labels.back() = ',';
      const std::string of_array = "array=" + array + ",";
      const auto at = labels.find(of_array);
      if (at == labels.npos) continue;
      labels.erase(at, of_array.size());
      if (value == 1.0) ++ones;
      if (value == 1.0 || ones == 0) found = labels.substr(labels.find('=') + 1);
    }
    if (found.empty()) return "";
    found.pop_back();
    return ones == 1 ? found : "?";
  }
  std::size_t count(const std::string& begin) const {
    std::size_t found = 0;
    for (const auto& [series, value] : samples) found += series.starts_with(begin) ? 1U : 0U;
    return found;
  }
};

class RaidMachine {
 public:
  explicit RaidMachine(const std::filesystem::path& top, const rig::Config& config = {}) {
    rig::RootPaths host;
    host.proc = top / "proc";
    host.sys = top / "sys";
    host.root = top;
    collector_ = rig::raid_collector().make(host, config);
  }

  Collection collect(std::chrono::milliseconds patience = std::chrono::hours(1)) {
    rig::Samples samples;
    collector_->collect(samples, std::chrono::steady_clock::now() + patience);
    Collection collection;
    collection.problems = samples.problems();
    for (const auto& family : samples.families()) {
      for (const auto& metric : family.metric) {
        std::string series = family.name;
        for (const auto& label : metric.label) {
          series += (series == family.name ? "{" : ",") + label.name + "=" + label.value;
        }
        if (!metric.label.empty()) series += "}";
        const bool is_counter = family.type == prometheus::MetricType::Counter;
        collection.samples[series] = is_counter ? metric.counter.value : metric.gauge.value;
      }
    }
    return collection;
  }

 private:
  std::unique_ptr<rig::Collector> collector_;
};
