#include "doctor/check_input.h"

#include <algorithm>
#include <chrono>
#include <memory>

namespace rig {

namespace {

// Null if the collector is disabled or did not finish in time.
const Collection* find_collection(const ScrapeResult& scrape, std::string_view collector) {
  const auto found = std::ranges::find(scrape.collectors, collector, &CollectorResult::name);
  return found == scrape.collectors.end() ? nullptr : found->collection.get();
}

}  // namespace

bool CheckInput::finished(std::string_view collector) const {
  return find_collection(scrape, collector) != nullptr;
}

bool CheckInput::has_problems(std::string_view collector) const {
  const auto* const collection = find_collection(scrape, collector);
  return collection != nullptr && !collection->samples.problems().empty();
}

std::vector<std::string> disabled_collectors(std::span<const CollectorInfo> collectors,
                                             const Config& config) {
  std::vector<std::string> disabled;
  for (const auto& info : collectors) {
    if (!config.collector_enabled(info.name)) disabled.emplace_back(info.name);
  }
  return disabled;
}

CheckInput scrape_for_checks(std::span<const CollectorInfo> collectors, const Config& config) {
  using Clock = std::chrono::steady_clock;
  Scrape scrape(collectors, config, std::make_shared<Instrumentation>());
  scrape.wait_until_ready(Clock::now() + config.scrape_timeout);
  return {config, scrape.collect({}, Clock::now() + config.scrape_timeout),
          disabled_collectors(collectors, config)};
}

}  // namespace rig
