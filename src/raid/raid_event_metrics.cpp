#include "raid/raid_event_metrics.h"

#include <array>

#include "rig/kernel/files.h"

namespace rig {
namespace {

constexpr auto kChanges =
    counter("rig_raid_changes_total", Unit::none,
            "Changes of the array that md reported since the exporter's start, between scrapes "
            "too: members, slots, read-only, what sync is under way. Changes within 50 ms may "
            "count as one.",
            "array");
constexpr auto kRemovals =
    counter("rig_raid_member_removals_total", Unit::none,
            "Times that the block device of a member has vanished since the member was first seen, "
            "between scrapes too.",
            "array", "member");

constexpr auto kAll = std::to_array<const MetricInfo*>({&kChanges, &kRemovals});

}  // namespace

std::span<const MetricInfo* const> raid_event_metrics() { return kAll; }

RaidEvents::RaidEvents(const RootPaths& host) {
  if (!is_procfs(host.proc)) return;
  mdstat_.emplace(host.proc / "mdstat");
  blocks_.emplace(host.proc);
}

void RaidEvents::add(Samples& samples, std::span<const RaidArray> arrays, bool all) {
  const auto changes = mdstat_ ? mdstat_->counts() : std::nullopt;
  const auto removals = blocks_ ? blocks_->removals() : std::nullopt;
  if (removals) removals_.update(arrays, all, *removals);
  for (const RaidArray& array : arrays) {
    if (changes) {
      const auto count = changes->find(array.name);
      if (count != changes->end())
        samples.add(kChanges, static_cast<double>(count->second), array.name);
    }
    if (removals) {
      for (const auto& [name, member] : removals_.of(array.name))
        samples.add(kRemovals, static_cast<double>(member.removals), array.name, name);
    }
  }
}

}  // namespace rig
