#include "rig/scrape/scrape_scheduler.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "rig/kernel/cached_structure.h"
#include "rig/log/log.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;

// Longer than usual intervals between scrapes.
constexpr std::chrono::minutes kLately{5};
// Less additional time is not worth another scrape.
constexpr std::chrono::milliseconds kWorthWaiting{100};
// After the thread has run out of memory.
constexpr std::chrono::milliseconds kRetryAfter{100};

// Negative: no limit.
std::chrono::milliseconds wait_until(std::optional<Deadline> next) {
  if (!next) return std::chrono::milliseconds(-1);
  const auto wait = *next - Clock::now();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(wait), std::chrono::milliseconds(0));
}

}  // namespace

// Wakes the scheduler's thread when a scrape is complete. To wake it whenever a collector has
// finished would cost more than some collectors do.
class ScrapeScheduler::RunsInProgress {
 public:
  using Run = std::shared_ptr<const Scrape::Run>;

  explicit RunsInProgress(std::shared_ptr<const WakeupEvent> wakeup) : wakeup_(std::move(wakeup)) {}

  // Also wakes the thread, as the collectors may have finished in the meantime.
  void add(Run run) {
    const std::lock_guard lock(mutex_);
    runs_.push_back(std::move(run));
    wakeup_->signal();
  }
  void remove(const Run& run) {
    const std::lock_guard lock(mutex_);
    std::erase(runs_, run);
  }
  // Without the lock, since the last owner of a collector waits for its thread, which may check().
  void clear() {
    std::vector<Run> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(runs_);
  }
  // Called in the thread of a collector that has finished.
  void check() const {
    const std::lock_guard lock(mutex_);
    if (std::ranges::any_of(runs_, [](const Run& run) { return Scrape::settled(*run); }))
      wakeup_->signal();
  }

 private:
  const std::shared_ptr<const WakeupEvent> wakeup_;
  mutable std::mutex mutex_;
  std::vector<Run> runs_;
};

ScrapeScheduler::ScrapeScheduler(std::span<const CollectorInfo> collectors, const Config& config,
                                 std::shared_ptr<Instrumentation> instrumentation,
                                 std::shared_ptr<SampleRecorder> recorder)
    : max_runs_(config.web.max_requests),
      limit_(config.scrape_timeout),
      wakeup_(std::make_shared<const WakeupEvent>()),
      runs_in_progress_(std::make_shared<RunsInProgress>(wakeup_)),
      scrape_(collectors, config, std::move(instrumentation), std::move(recorder),
              [runs = runs_in_progress_] { runs->check(); }),
      shortest_timeout_(config.scrape_timeout),
      thread_(
          "scrape", [this](const StopToken& stop) { run(stop); },
          [](const std::string& error) { log_error("scrape: " + error); }) {}

// The thread uses this object, and nothing in it waits for long.
ScrapeScheduler::~ScrapeScheduler() {
  thread_.stop(std::chrono::seconds(30));
  runs_in_progress_->clear();
}

std::function<void()> ScrapeScheduler::prepare_reload(
    std::span<const CollectorInfo> collectors, const Config& config,
    const std::set<std::string, std::less<>>& changed) {
  return [this, config, commit = scrape_.prepare_reload(collectors, config, changed)] {
    const std::lock_guard lock(mutex_);
    commit();
    apply_limits(config);
  };
}

// Called with the lock.
void ScrapeScheduler::apply_limits(const Config& config) {
  max_runs_ = config.web.max_requests;
  if (limit_.load() != config.scrape_timeout) shortest_seen_ = {};
  limit_ = config.scrape_timeout;
  for (auto& flight : flights_) flight.outdated = true;
}

bool ScrapeScheduler::request(std::vector<std::string> only, Deadline deadline, Done done) {
  std::ranges::sort(only);
  only.erase(std::unique(only.begin(), only.end()), only.end());
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  if (deadline - now <= shortest_timeout_ || now - shortest_seen_ > kLately) {
    shortest_timeout_ = deadline - now;
    shortest_seen_ = now;
  }
  auto flight = std::ranges::find_if(
      flights_, [&](const Flight& running) { return !running.outdated && running.only == only; });
  if (flight == flights_.end()) {
    if (!only.empty() && flights_.size() >= max_runs_) return false;
    start(std::move(only), now + shortest_timeout_);
    flight = std::prev(flights_.end());
  }
  flight->waiters.push_back({deadline, std::move(done)});
  wakeup_->signal();
  return true;
}

void ScrapeScheduler::call(std::function<void()> function) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(function));
  wakeup_->signal();
}

ScrapeScheduler::Flight& ScrapeScheduler::start(std::vector<std::string> only, Deadline deadline) {
  const auto sources_until = source_deadline(deadline);
  refresh_structure();
  auto run = scrape_.start(only, sources_until);
  auto& flight = flights_.emplace_back(Flight{
      std::move(only), std::move(run), Clock::now() + limit_.load(), deadline, sources_until, {}});
  runs_in_progress_->add(flight.run);
  return flight;
}

// Those who wait for a scrape that has run out of time, and have more time themselves.
void ScrapeScheduler::start_again(std::vector<Flight>& finished, Deadline now) {
  for (auto& flight : finished) {
    if (now < flight.sources_until) continue;
    const auto patient = std::partition(
        flight.waiters.begin(), flight.waiters.end(),
        [&](const Waiter& waiter) { return waiter.deadline <= flight.deadline + kWorthWaiting; });
    if (patient == flight.waiters.end()) continue;
    auto deadline = patient->deadline;
    for (auto at = patient; at != flight.waiters.end(); ++at)
      deadline = std::min(deadline, at->deadline);
    auto& again = start(flight.only, deadline);
    std::move(patient, flight.waiters.end(), std::back_inserter(again.waiters));
    flight.waiters.erase(patient, flight.waiters.end());
  }
}

ScrapeScheduler::Due ScrapeScheduler::take_due(Deadline now) {
  Due due;
  const auto wake_at = [&](Deadline at) { due.next = due.next ? std::min(*due.next, at) : at; };
  const std::lock_guard lock(mutex_);
  due.calls.swap(calls_);
  const auto settled = std::partition(flights_.begin(), flights_.end(), [](const Flight& flight) {
    return !Scrape::settled(*flight.run);
  });
  for (auto at = settled; at != flights_.end(); ++at) runs_in_progress_->remove(at->run);
  std::move(settled, flights_.end(), std::back_inserter(due.finished));
  flights_.erase(settled, flights_.end());
  for (auto& flight : flights_) {
    const auto expired =
        std::partition(flight.waiters.begin(), flight.waiters.end(),
                       [&](const Waiter& waiter) { return waiter.deadline > now; });
    if (expired == flight.waiters.end()) continue;
    due.expired.push_back(
        {flight.only, flight.run, flight.limit, flight.deadline, flight.sources_until, {}});
    std::move(expired, flight.waiters.end(), std::back_inserter(due.expired.back().waiters));
    flight.waiters.erase(expired, flight.waiters.end());
  }
  start_again(due.finished, now);
  for (const auto& flight : flights_) {
    due.running.push_back(flight.run);
    wake_at(flight.limit);
    for (const auto& waiter : flight.waiters) wake_at(waiter.deadline);
  }
  return due;
}

void ScrapeScheduler::finish(Due& due) {
  for (const auto& function : due.calls) function();
  for (auto& flight : due.finished) {
    const auto result =
        std::make_shared<const ScrapeResult>(scrape_.finish(*flight.run, Clock::now()));
    for (auto& waiter : flight.waiters) waiter.done(result);
  }
  for (auto& flight : due.expired) {
    const auto result = std::make_shared<const ScrapeResult>(Scrape::so_far(*flight.run));
    for (auto& waiter : flight.waiters) waiter.done(result);
  }
}

// Those that still run.
void ScrapeScheduler::hand_over(Due& due) {
  const auto again = Clock::now() + Scrape::kHandOverInterval;
  for (const auto& run : due.running) {
    if (scrape_.hand_over(*run)) due.next = std::min(due.next.value_or(again), again);
  }
}

void ScrapeScheduler::run(const StopToken& stop) {
  std::optional<Deadline> next;
  while (true) {
    const auto event = poll_until_stopped(stop, wakeup_->fd(), POLLIN, wait_until(next));
    if (event.stop) return;
    wakeup_->clear();
    try {
      auto due = take_due(Clock::now());
      finish(due);
      hand_over(due);
      next = due.next;
    } catch (const std::exception& error) {  // out of memory: later requests still need the thread
      log_error(fmt::format("scrape: {}", error.what()));
      next = Clock::now() + kRetryAfter;
    }
  }
}

}  // namespace rig
