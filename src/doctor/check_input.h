// What the checks look at: the machine's files by way of Config::host, and one real scrape of it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/config/config.h"
#include "rig/scrape/collector.h"

namespace rig {

// A sample as Prometheus reads it.
struct ExposedSample {
  std::string name;
  std::map<std::string, std::string, std::less<>> labels;
  double value = 0;

  // Empty when it has no such label.
  std::string_view label(std::string_view label_name) const;
};

// The samples of a text in the format that Scrape writes; a line that is none is passed over.
std::vector<ExposedSample> parse_exposition(std::string_view text);

struct CollectorVisit {
  std::string name;
  bool answered = false;  // in time
  std::vector<std::string> problems;
};

struct Seen {
  Config config;
  std::vector<CollectorVisit> collectors;  // those that are enabled
  std::vector<std::string> off;            // the names of the others
  std::vector<ExposedSample> samples;      // of all of them

  bool answered(std::string_view collector) const;
  std::vector<const ExposedSample*> all(std::string_view metric) const;
  // The value of the sample with these labels; absent when there is none.
  std::optional<double> value(
      std::string_view metric,
      std::initializer_list<std::pair<std::string_view, std::string_view>> labels) const;
};

// Starts the collectors that `config` has enabled, waits for their first readings, and asks each
// once. Takes config.scrape_timeout twice at most.
Seen scrape_once(std::span<const CollectorInfo> collectors, const Config& config);

}  // namespace rig
