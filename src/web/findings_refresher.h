// Determines findings in the background while somebody asks for them.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "rig/live/history.h"
#include "rig/scrape/scrape.h"
#include "rig/threads/timed_task.h"
#include "rig/web/live_api.h"

namespace rig {

// All functions may be called from any thread and do not wait.
class FindingsRefresher {
 public:
  using Clock = std::chrono::steady_clock;

  // The least time from one start to the next.
  static constexpr std::chrono::seconds kInterval{30};

  struct Findings {
    std::vector<LiveFinding> findings;
    BootClock::time_point time;
  };

  explicit FindingsRefresher(FindFindings find, Clock::duration interval = kInterval);

  // The latest findings; null before the first. Starts to determine new ones from `scrape` unless
  // that is in progress, however long, or was started less than the interval ago: nothing runs
  // while nobody calls this.
  std::shared_ptr<const Findings> latest(const ScrapeResult& scrape);

 private:
  // Owned also by a call of `find_` that hangs.
  struct Latest {
    std::mutex mutex;
    std::shared_ptr<const Findings> findings;
  };

  void start(const ScrapeResult& scrape);

  const std::shared_ptr<const FindFindings> find_;
  const Clock::duration interval_;
  const std::shared_ptr<Latest> latest_ = std::make_shared<Latest>();

  std::mutex mutex_;
  std::optional<Clock::time_point> started_;
  std::unique_ptr<TimedTask<bool>> task_;  // its thread does not exist before the first request
};

}  // namespace rig
