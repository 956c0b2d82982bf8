// The samples as a map from `name{label="value",...}`, with sorted labels, to the value.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <string>

#include "rig/metrics/samples.h"

inline std::map<std::string, double> series(const rig::Samples& samples) {
  std::map<std::string, double> found;
  for (const auto& family : samples.families()) {
    for (const auto& metric : family.metric) {
      std::string name = family.name;
      for (const auto& label : metric.label) {
        name += (name.back() == '"' ? "," : "{") + label.name + "=\"" + label.value + "\"";
      }
      if (!metric.label.empty()) name += '}';
      const bool is_counter = family.type == prometheus::MetricType::Counter;
      found[name] = is_counter ? metric.counter.value : metric.gauge.value;
    }
  }
  return found;
}
