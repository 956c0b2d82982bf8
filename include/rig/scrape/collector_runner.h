// One collector, its thread, and a deadline.
//
// A collection that is late is rig_collector_success 0 for the scrapes that waited for it; its
// answer is dropped when it comes, and while it is still out the next scrape does not wait for it
// again. Scrapes at the same moment share one collection. All functions may be called from any
// thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rig/log/problem_log.h"
#include "rig/scrape/collector.h"
#include "rig/threads/timed_task.h"

namespace rig {

// What a collection brought. Shared by the scrapes that waited for it.
struct Collection {
  std::string text;  // as Prometheus reads it
  std::vector<std::string> problems;
  double seconds = 0;
};

class CollectorRunner {
 public:
  CollectorRunner(std::string name, std::unique_ptr<Collector> collector);

  std::string_view name() const { return name_; }
  bool ready() const { return collector_->ready(); }

  using Ticket = TimedTask<Collection>::Ticket;
  // Starts a collection, or joins the one under way. A source of the collector that has not
  // answered by `source_deadline` is left out.
  Ticket start(Deadline source_deadline);

  // What it brought; nothing when it was not back at the deadline. Logs what is wrong, once.
  std::shared_ptr<const Collection> finish(const Ticket& ticket, Deadline deadline);

 private:
  std::string name_;
  std::shared_ptr<Collector>
      collector_;  // shared with a thread that may be left behind in a hung read
  TimedTask<Collection> lane_;
  ProblemLog problem_log_;
};

}  // namespace rig
