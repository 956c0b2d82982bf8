#include "web/findings_refresher.h"

#include <utility>

namespace rig {

FindingsRefresher::FindingsRefresher(FindFindings find, Clock::duration interval)
    : find_(std::make_shared<const FindFindings>(std::move(find))), interval_(interval) {}

std::shared_ptr<const FindingsRefresher::Findings> FindingsRefresher::latest(
    const ScrapeResult& scrape) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (*find_ && (!started_ || now - *started_ >= interval_)) {
      if (!task_) task_ = std::make_unique<TimedTask<bool>>("findings", "the findings");
      if (!task_->running_for()) {
        started_ = now;
        start(scrape);
      }
    }
  }
  const std::lock_guard lock(latest_->mutex);
  return latest_->findings;
}

void FindingsRefresher::start(const ScrapeResult& scrape) {
  task_->start([find = find_, latest = latest_, scrape] {
    auto findings = std::make_shared<Findings>();
    findings->time = BootClock::now();
    findings->findings = (*find)(scrape);
    const std::lock_guard lock(latest->mutex);
    latest->findings = std::move(findings);
    return true;
  });
}

}  // namespace rig
