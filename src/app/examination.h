// What the doctor finds wrong with the host, for the live page.
#pragma once

#include <functional>
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

  // For a reload: when the returned function is called, `config` takes the place of the present
  // configuration. It does not fail. This object must still exist then.
  std::function<void()> prepare_reload(const Config& config);

  // Takes at most 5 s. One caller at a time.
  std::vector<LiveFinding> findings(const ScrapeResult& scrape) const;

 private:
  const std::span<const CollectorInfo> collectors_;
  mutable std::mutex mutex_;
  std::shared_ptr<HostExamination> current_;
};

}  // namespace rig
