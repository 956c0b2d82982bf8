// What the doctor finds wrong with the host, for the live page.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "rig/config/config.h"
#include "rig/scrape/collector.h"
#include "rig/scrape/scrape.h"
#include "rig/web/live_api.h"

namespace rig {

class HostExamination;

// All functions may be called from any thread.
class Examination {
 public:
  Examination(std::span<const CollectorInfo> collectors, const Config& config);
  ~Examination();

  // From now on, of the collectors that `config` enables: a reload may have changed them.
  void use(const Config& config);

  // Takes at most 5 s. One caller at a time.
  std::vector<LiveFinding> findings(const ScrapeResult& scrape) const;

 private:
  const std::span<const CollectorInfo> collectors_;
  mutable std::mutex mutex_;
  std::shared_ptr<HostExamination> current_;
};

}  // namespace rig
