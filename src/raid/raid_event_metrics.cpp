#include "raid/raid_event_metrics.h"

#include <array>

#include "rig/kernel/files.h"
#include "rig/raid/raid_families.h"

namespace rig {
namespace {

constexpr auto kChanges =
    counter("rig_raid_changes_total", Unit::none,
            "Changes of the array that md reported since the exporter started, including those "
            "between scrapes: members, slots, read-only, sync action. Changes within 50 ms may "
            "count as one.",
            "array");
constexpr auto kRemovals = counter(
    "rig_raid_member_removals_total", Unit::none,
    "Number of times that the block device of a member was removed since the exporter first "
    "saw the member, including removals between scrapes.",
    "array", "member");

constexpr auto kEventMetrics =
    std::to_array<const MetricInfo*>({&kRaidEventsMonitored, &kChanges, &kRemovals});

}  // namespace

std::span<const MetricInfo* const> raid_event_metrics() { return kEventMetrics; }

RaidEventCounters::RaidEventCounters(const RootPaths& paths) {
  if (!is_procfs(paths.proc)) return;
  mdstat_watcher_.emplace(paths.proc / "mdstat");
  removal_monitor_.emplace(paths.proc);
}

void RaidEventCounters::add(Samples& samples, std::span<const RaidArray> arrays, bool complete) {
  if (mdstat_watcher_)
    samples.add(kRaidEventsMonitored, mdstat_watcher_->is_active() ? 1 : 0, "change");
  if (removal_monitor_)
    samples.add(kRaidEventsMonitored, removal_monitor_->is_active() ? 1 : 0, "member_removal");
  const auto changes = mdstat_watcher_ ? mdstat_watcher_->counts() : std::nullopt;
  const auto removals = removal_monitor_ ? removal_monitor_->removals() : std::nullopt;
  if (removals) removals_.update(arrays, complete, *removals);
  for (const RaidArray& array : arrays) {
    if (changes) {
      const auto count = changes->find(array.name);
      if (count != changes->end())
        samples.add(kChanges, static_cast<double>(count->second), array.name);
    }
    if (removals) {
      for (const auto& [name, member] : removals_.members_of(array.name))
        samples.add(kRemovals, static_cast<double>(member.removals), array.name, name);
    }
  }
}

}  // namespace rig
