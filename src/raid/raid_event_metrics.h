// The metrics of what happens to arrays between scrapes.
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

// Counts from its making on, where `host` is this machine; of another there are no events.
class RaidEvents {
 public:
  explicit RaidEvents(const RootPaths& host);

  // `arrays` are those that were seen in this scrape; `all`: there are no others.
  void add(Samples& samples, std::span<const RaidArray> arrays, bool all);

 private:
  std::optional<MdstatWatch> mdstat_;
  std::optional<BlockEvents> blocks_;
  MemberRemovals removals_;
};

}  // namespace rig
