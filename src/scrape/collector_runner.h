// Runs one collector in its own thread, with a deadline.
//
// If a collection times out, rig_collector_success is 0 in the scrapes that waited for it, and its
// result is dropped. While it hangs, later scrapes do not wait for it. Concurrent scrapes share one
// collection. All functions may be called from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rig/log/problem_log.h"
#include "rig/scrape/collection.h"
#include "rig/scrape/collector.h"
#include "rig/threads/timed_task.h"

namespace rig {

class Instrumentation;

class CollectorRunner {
 public:
  using Task = TimedTask<std::shared_ptr<const Collection>>;
  using Ticket = Task::Ticket;

  // Creates the collector.
  CollectorRunner(const CollectorInfo& info, const Config& config,
                  Instrumentation& instrumentation);
  CollectorRunner(std::string name, std::unique_ptr<Collector> collector);

  std::string_view name() const { return name_; }
  bool ready() const { return collector_->ready(); }

  // Starts a collection, or joins the one in progress. Sources of the collector that were not read
  // by `source_deadline` are left out.
  Ticket start(Deadline source_deadline);

  // The collection; null if it timed out. Logs new problems.
  std::shared_ptr<const Collection> result(const Ticket& ticket, Deadline deadline);

 private:
  std::string name_;
  std::shared_ptr<Collector> collector_;  // shared with a hung thread
  Task task_;
  ProblemLog problem_log_;
};

}  // namespace rig
