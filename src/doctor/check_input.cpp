#include "doctor/check_input.h"

#include <algorithm>
#include <chrono>
#include <memory>

namespace rig {

bool CheckInput::finished(std::string_view collector) const {
  const auto found = std::ranges::find(scrape.collectors, collector, &CollectorResult::name);
  return found != scrape.collectors.end() && found->collection != nullptr;
}

CheckInput scrape_for_checks(std::span<const CollectorInfo> collectors, const Config& config) {
  using Clock = std::chrono::steady_clock;
  Scrape scrape(collectors, config, std::make_shared<Instrumentation>());
  scrape.wait_until_ready(Clock::now() + config.scrape_timeout);
  CheckInput input{config, scrape.collect({}, Clock::now() + config.scrape_timeout), {}};
  for (const auto& info : collectors) {
    if (!config.collector_enabled(info.name)) input.disabled.emplace_back(info.name);
  }
  return input;
}

}  // namespace rig
