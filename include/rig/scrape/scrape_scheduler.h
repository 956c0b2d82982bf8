// Runs scrapes for many requests in one thread. Requests that overlap and ask for the same
// collectors share a scrape, so that neither many scrapers nor a hung collector use up threads.
//
// The scrapers may have different timeouts. A scrape waits for its sources as long as suits the one
// with the shortest timeout of those that were seen lately, so that it gets what was read although
// something hangs; if time has run out, the others wait for another scrape, which has more time.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "rig/config/config.h"
#include "rig/scrape/collector.h"
#include "rig/scrape/scrape.h"
#include "rig/threads/stoppable_thread.h"
#include "rig/threads/wakeup_event.h"

namespace rig {

class ScrapeScheduler {
 public:
  // Requests that share a scrape get the same object.
  using Done = std::function<void(std::shared_ptr<const ScrapeResult>)>;

  // At most config.web.max_requests scrapes of different selections of collectors run at the same
  // time, not counting that of all collectors. `recorder`: see Scrape.
  ScrapeScheduler(std::span<const CollectorInfo> collectors, const Config& config,
                  std::shared_ptr<Instrumentation> instrumentation,
                  std::shared_ptr<SampleRecorder> recorder = nullptr);
  // Drops the requests that are waiting.
  ~ScrapeScheduler();

  Scrape& scrape() { return scrape_; }

  // How long a scrape may take.
  std::chrono::milliseconds limit() const { return limit_; }

  // See Scrape: applies config.web.max_requests and config.scrape_timeout as well. Requests that
  // come after the returned function was called do not share scrapes that began before.
  std::function<void()> prepare_reload(std::span<const CollectorInfo> collectors,
                                       const Config& config,
                                       const std::set<std::string, std::less<>>& changed);

  // Calls `done` in the scheduler's thread, once all collectors named in `only` (all, if it is
  // empty) have finished, or at the deadline with those that have. `done` must not throw. Returns
  // false without calling it if too many scrapes are running. May be called from any thread.
  bool request(std::vector<std::string> only, Deadline deadline, Done done);

  // Calls `function`, which must not throw, in the scheduler's thread as soon as possible, whatever
  // collectors do: for a check of whether that thread works. May be called from any thread.
  void call(std::function<void()> function);

 private:
  struct Waiter {
    Deadline deadline;
    Done done;
  };
  // A scrape in progress.
  struct Flight {
    std::vector<std::string> only;
    std::shared_ptr<const Scrape::Run> run;
    Deadline limit;          // it is settled then
    Deadline deadline;       // of the scraper for which it was started
    Deadline sources_until;  // what was not read by then is missing
    std::vector<Waiter> waiters;
    bool outdated = false;  // the collectors have changed since it began
  };
  // What to do outside of the lock.
  struct Due {
    std::vector<std::function<void()>> calls;
    std::vector<Flight> finished;
    std::vector<Flight> expired;  // with those waiters whose deadline has come
    std::vector<std::shared_ptr<const Scrape::Run>> running;
    std::optional<Deadline> next;
  };

  class RunsInProgress;

  void run(const StopToken& stop);
  Flight& start(std::vector<std::string> only, Deadline deadline);
  Due take_due(Deadline now);
  void start_again(std::vector<Flight>& finished, Deadline now);
  void finish(Due& due);
  void hand_over(Due& due);

  void apply_limits(const Config& config);

  std::atomic<std::size_t> max_runs_;
  std::atomic<std::chrono::milliseconds> limit_;
  std::shared_ptr<const WakeupEvent> wakeup_;
  // Used by collectors' threads, which may outlive this object.
  std::shared_ptr<RunsInProgress> runs_in_progress_;
  Scrape scrape_;
  std::mutex mutex_;
  std::vector<Flight> flights_;
  std::vector<std::function<void()>> calls_;
  std::chrono::steady_clock::duration shortest_timeout_;  // seen lately
  Deadline shortest_seen_{};
  StoppableThread thread_;  // the last member: it uses the others
};

}  // namespace rig
