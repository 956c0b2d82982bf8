// Runs one collector in a thread of its own, with a deadline.
//
// A collection that times out is rig_collector_success 0 in the scrapes that waited for it; its
// result is dropped when it arrives, and while it hangs later scrapes do not wait for it. Scrapes
// at the same time share one collection. All functions may be called from any thread.
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

  // Makes the collector.
  CollectorRunner(const CollectorInfo& info, const Config& config,
                  Instrumentation& instrumentation);
  CollectorRunner(std::string name, std::unique_ptr<Collector> collector);

  std::string_view name() const { return name_; }
  bool ready() const { return collector_->ready(); }

  // Starts a collection, or joins the one in progress. Sources of the collector that have not
  // answered by `source_deadline` are left out.
  Ticket start(Deadline source_deadline);

  // The collection; null when it timed out. Logs new problems.
  std::shared_ptr<const Collection> result(const Ticket& ticket, Deadline deadline);

 private:
  std::string name_;
  std::shared_ptr<Collector> collector_;  // shared with a thread that hangs
  Task task_;
  ProblemLog problem_log_;
};

}  // namespace rig
