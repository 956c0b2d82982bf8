#include "app/examination.h"

#include <utility>

#include "rig/doctor/doctor.h"

namespace rig {

Examination::Examination(std::span<const CollectorInfo> collectors, const Config& config)
    : collectors_(collectors), current_(std::make_shared<HostExamination>(collectors, config)) {}

Examination::~Examination() = default;

std::function<void()> Examination::prepare_reload(const Config& config) {
  return [this, next = std::make_shared<HostExamination>(collectors_, config)] {
    auto previous = next;
    const std::lock_guard lock(mutex_);
    current_.swap(previous);
  };
}

std::vector<LiveFinding> Examination::findings(const ScrapeResult& scrape) const {
  std::unique_lock lock(mutex_);
  const auto current = current_;
  lock.unlock();
  std::vector<LiveFinding> found;
  for (const auto& finding : current->findings(scrape)) {
    const bool problem = finding.level == Level::problem;
    found.push_back({problem ? "problem" : "note", finding.subject, finding.what, finding.advice});
  }
  return found;
}

}  // namespace rig
