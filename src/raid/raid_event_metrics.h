// The metrics that count events of arrays, including those between scrapes.
//
// One thread at a time.
#pragma once

#include <optional>
#include <span>

#include "raid/block_removal_monitor.h"
#include "raid/mdstat_watcher.h"
#include "raid/member_removals.h"
#include "raid/raid_array.h"
#include "rig/kernel/root_paths.h"
#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> raid_event_metrics();

// Counts from its construction on if `paths` are the running machine's; a copy of another machine's
// files has no events.
class RaidEventCounters {
 public:
  explicit RaidEventCounters(const RootPaths& paths);

  // `arrays` are those of this scrape; `complete`: there are no others.
  void add(Samples& samples, std::span<const RaidArray> arrays, bool complete);

 private:
  std::optional<MdstatWatcher> mdstat_watcher_;
  std::optional<BlockRemovalMonitor> removal_monitor_;
  MemberRemovals removals_;
};

}  // namespace rig
