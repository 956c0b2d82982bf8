// A Scrape as a prometheus::Collectable, for use with prometheus-cpp: its registries, serializers,
// exposers and push gateways.
#pragma once

#include <prometheus/collectable.h>

#include <chrono>
#include <vector>

#include "rig/scrape/scrape.h"

namespace rig {

// Each Collect() runs a scrape. May be called from any thread.
class ScrapeCollectable : public prometheus::Collectable {
 public:
  // `scrape` must outlive this object.
  ScrapeCollectable(Scrape& scrape, std::chrono::milliseconds timeout)
      : scrape_(scrape), timeout_(timeout) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    return scrape_.families(scrape_.collect({}, std::chrono::steady_clock::now() + timeout_));
  }

 private:
  Scrape& scrape_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace rig
