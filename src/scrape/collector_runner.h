// Runs one collector in a thread of HandOverThreads, with a deadline.
//
// The collector's operations run in the same thread. If one of them hangs, it is given up in
// this thread, and the collection is started again in another one, in which every operation has a
// thread and a timeout of its own.
//
// If a collection times out, rig_collector_success is 0 in the scrapes that waited for it, and its
// result is dropped. While it hangs, later scrapes do not wait for it; it hangs if it takes longer
// than config.scrape_timeout. Concurrent scrapes share one collection. All functions may be called
// from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "rig/log/problem_log.h"
#include "rig/scrape/collection.h"
#include "rig/scrape/collector.h"
#include "rig/threads/inline_operations.h"
#include "rig/threads/timed_task.h"

namespace rig {

class HandOverThreads;
class Instrumentation;
class SampleRecorder;

class CollectorRunner {
 public:
  using Task = TimedTask<std::shared_ptr<const Collection>>;
  using Ticket = Task::Ticket;

  // Creates the collector. If that fails because of a limit of threads, descriptors or memory, each
  // start() tries again. `instrumentation` must outlive this object, unless it is retired.
  // `recorder` may be null. `on_finished` is called after each collection, from its thread.
  CollectorRunner(const CollectorInfo& info, const Config& config, Instrumentation& instrumentation,
                  std::shared_ptr<HandOverThreads> threads,
                  std::shared_ptr<SampleRecorder> recorder = nullptr,
                  std::function<void()> on_finished = {});
  CollectorRunner(std::string name, std::unique_ptr<Collector> collector,
                  std::shared_ptr<HandOverThreads> threads, Task::Options options = {});

  std::string_view name() const { return name_; }
  // `limit` is the config.scrape_timeout from now on.
  void set_limit(std::chrono::milliseconds limit) { task_.set_limit(limit); }
  // Another runner has taken its place: nothing is started any more. The collector may take long to
  // destroy: destroy a retired runner in a thread of its own (see destroy()).
  void retire() { retired_ = true; }
  // Destroys the runner, for a std::shared_ptr.
  static void destroy(CollectorRunner* runner);

  // Also true if the collector could not be created.
  bool ready() const;

  // Starts a collection, or joins the one in progress. Sources of the collector that were not read
  // by `source_deadline` are left out. Null if there is no collector.
  Ticket start(Deadline source_deadline);

  // Starts the collection again in another thread if an operation of it hangs. To be called
  // from time to time until it is settled(). Returns false once it need not be called any more.
  bool start_again_if_hung(const Ticket& ticket);

  // Waits until it is settled(), at most for `duration`; returns whether it is.
  bool wait_for(const Ticket& ticket, std::chrono::milliseconds duration) {
    return !ticket || task_.wait_for(ticket, duration);
  }

  // The collection, never null; a problem if it timed out or could not be started. Logs new
  // problems.
  ReadResult<std::shared_ptr<const Collection>> result(const Ticket& ticket, Deadline deadline);
  // The collection if it is there now; otherwise timed_out, which is not logged.
  ReadResult<std::shared_ptr<const Collection>> result_now(const Ticket& ticket) const;
  // True once result() does not wait any more.
  bool settled(const Ticket& ticket) const { return !ticket || task_.settled(ticket); }

 private:
  // A collection whose operations run in its own thread.
  struct InlineRun {
    std::weak_ptr<Task::Run> ticket;
    std::shared_ptr<InlineOperations> operations;  // null once one was given up
    std::chrono::steady_clock::time_point begun;
    Deadline source_deadline;
  };

  bool make_collector();
  bool forget_hung_run();

  std::string name_;
  mutable std::mutex mutex_;
  std::function<std::unique_ptr<Collector>()> make_;
  std::string make_error_;
  std::shared_ptr<Collector> collector_;  // shared with a hung thread; null: not created yet
  std::shared_ptr<HandOverThreads> threads_;
  InlineRun inline_run_;  // the latest; guarded by the mutex
  Task task_;
  ProblemLog problem_log_;
  std::atomic<bool> retired_ = false;
};

}  // namespace rig
