#include "raid/raid_metrics.h"

#include <algorithm>
#include <array>
#include <string>

#include "raid/raid_layout_name.h"
#include "rig/raid/raid_families.h"

namespace rig {
namespace {

constexpr auto kFailuresTolerated =
    gauge("rig_raid_failures_tolerated", Unit::none,
          "Number of further members that can fail, whichever they are, before the array is lost. "
          "A disk that is being rebuilt counts as failed.",
          "array")
        .within(kPlausibleMembers);
constexpr auto kSize =
    gauge("rig_raid_array_size_bytes", Unit::bytes, "Size of the array in bytes.", "array");
constexpr auto kComponentSize =
    gauge("rig_raid_component_size_bytes", Unit::bytes,
          "Space used on each member in bytes; not for RAID 0 and linear.", "array");
constexpr auto kChunk = gauge("rig_raid_chunk_bytes", Unit::bytes,
                              "Chunk size in bytes; striped levels only.", "array");
constexpr auto kDisksRequired = gauge("rig_raid_disks_required", Unit::none,
                                      "Number of slots of the array (raid_disks).", "array")
                                    .within(kPlausibleMembers);
constexpr auto kDegraded =
    gauge("rig_raid_degraded_disks", Unit::none,
          "Number of slots without a disk in sync, as counted by md; levels with redundancy only.",
          "array")
        .within(kPlausibleMembers);
constexpr auto kSyncAction =
    gauge("rig_raid_sync_action", Unit::none,
          "Sync action of the array: 1 for the current one; levels with redundancy only.", "array",
          "action");
constexpr auto kSyncWaiting =
    gauge("rig_raid_sync_waiting", Unit::none,
          "1 if a sync is waiting. delayed: for another array on the same disks; pending: for the "
          "first write; remote: for another node of the cluster.",
          "array", "reason");
constexpr auto kRemaining =
    gauge("rig_raid_sync_remaining_seconds", Unit::seconds,
          "Estimated time until the running sync completes, in seconds.", "array")
        .within(Range{0, 1e13});  // at 1 KiB/s it is centuries

constexpr auto kMismatch =
    gauge("rig_raid_mismatch_sectors", Unit::none,
          "Number of sectors that differed between members, by the sync that counted them: the "
          "running one, else the last one. A repair has made them equal.",
          "array", "after");
constexpr auto kStripeCacheSize =
    gauge("rig_raid_stripe_cache_size", Unit::none,
          "Maximum number of stripes in the stripe cache; RAID 4/5/6 only.", "array");
constexpr auto kStripeCacheActive =
    gauge("rig_raid_stripe_cache_active", Unit::none,
          "Number of stripes of the stripe cache that are in use; RAID 4/5/6 only.", "array");
constexpr auto kBitmapDirty =
    gauge("rig_raid_bitmap_dirty_pages", Unit::none,
          "Number of pages of the write-intent bitmap's counters that are in memory: those with "
          "regions that may be out of sync. Absent for a lockless bitmap.",
          "array");
constexpr auto kBitmapPages =
    gauge("rig_raid_bitmap_pages", Unit::none,
          "Total number of pages of the write-intent bitmap's counters.", "array");
constexpr auto kBitmapChunk =
    gauge("rig_raid_bitmap_chunk_bytes", Unit::bytes,
          "Size in bytes of the region that one bit of the write-intent bitmap covers.", "array");

constexpr auto kBitmapChunks =
    gauge("rig_raid_bitmap_chunks", Unit::none,
          "Number of chunks of a lockless write-intent bitmap (Linux 6.18) by state; need_sync: "
          "without redundancy until the next sync.",
          "array", "state");

constexpr auto kArrayMetrics = std::to_array<const MetricInfo*>({&kRaidArrays,
                                                                 &kRaidArrayPresent,
                                                                 &kRaidArrayInfo,
                                                                 &kRaidArrayState,
                                                                 &kRaidArrayUsable,
                                                                 &kFailuresTolerated,
                                                                 &kSize,
                                                                 &kComponentSize,
                                                                 &kChunk,
                                                                 &kDisksRequired,
                                                                 &kRaidDisks,
                                                                 &kDegraded,
                                                                 &kSyncAction,
                                                                 &kSyncWaiting,
                                                                 &kRaidSyncProgress,
                                                                 &kRaidSyncSpeed,
                                                                 &kRemaining,
                                                                 &kMismatch,
                                                                 &kStripeCacheSize,
                                                                 &kStripeCacheActive,
                                                                 &kBitmapDirty,
                                                                 &kBitmapPages,
                                                                 &kBitmapChunk,
                                                                 &kBitmapChunks});

// Sorted, like other words that become labels: samples are added fastest in that order.
constexpr auto kStates = std::to_array<std::string_view>(
    {"active", "active_idle", "broken", "clean", "clear", "inactive", "other", "read_auto",
     "readonly", "suspended", "write_pending"});
constexpr auto kActions = std::to_array<std::string_view>(
    {"check", "frozen", "idle", "other", "recover", "repair", "reshape", "resync"});

void add_disks(Samples& samples, const std::string& array, const RaidDisks& disks) {
  samples.add(kRaidDisks, disks.active, array, "active");
  samples.add(kRaidDisks, disks.faulty, array, "faulty");
  samples.add(kRaidDisks, disks.journal, array, "journal");
  samples.add(kRaidDisks, disks.missing, array, "missing");
  samples.add(kRaidDisks, disks.rebuilding, array, "rebuilding");
  samples.add(kRaidDisks, disks.spare, array, "spare");
}

void add_mismatch(Samples& samples, const RaidArray& array) {
  constexpr auto kCounters = std::to_array<std::string_view>({"check", "repair", "resync"});
  if (!array.mismatch) return;
  const bool known = std::ranges::find(kCounters, array.mismatch->after) != kCounters.end();
  samples.add(kMismatch, static_cast<double>(array.mismatch->sectors), array.name,
              known ? array.mismatch->after : std::string("other"));
}

// mdstat reports all pages of a lockless bitmap as in memory. If it is unknown which kind it is,
// all pages may mean that.
std::optional<double> dirty_pages(const RaidArray& array) {
  const MdstatBitmap& bitmap = *array.bitmap;
  const bool counted =
      array.bitmap_type ? *array.bitmap_type == "bitmap" : bitmap.dirty_pages != bitmap.pages;
  return counted ? std::optional(static_cast<double>(bitmap.dirty_pages)) : std::nullopt;
}

void add_bitmap(Samples& samples, const RaidArray& array) {
  constexpr auto kChunkStates =
      std::to_array<std::string_view>({"unwritten", "clean", "dirty", "need_sync", "syncing"});
  if (array.bitmap) {
    samples.add(kBitmapDirty, dirty_pages(array), array.name);
    samples.add(kBitmapPages, array.bitmap->pages, array.name);
    samples.add(kBitmapChunk, array.bitmap->chunk_bytes, array.name);
  }
  double others = 0;
  bool has_others = false;
  for (const auto& [state, chunks] : array.bitmap_chunks) {
    if (std::ranges::find(kChunkStates, state) != kChunkStates.end()) {
      samples.add(kBitmapChunks, static_cast<double>(chunks), array.name, state);
    } else {
      has_others = true;
      others += static_cast<double>(chunks);
    }
  }
  if (has_others) samples.add(kBitmapChunks, others, array.name, "other");
}

void add_sync(Samples& samples, const std::string& array, const RaidSync& sync) {
  samples.add_states(kSyncAction, kActions, sync.action, array);
  samples.add(kSyncWaiting, sync.delayed, array, "delayed");
  samples.add(kSyncWaiting, sync.pending, array, "pending");
  samples.add(kSyncWaiting, sync.remote, array, "remote");
  samples.add(kRaidSyncProgress, sync.progress_ratio, array);
  samples.add(kRaidSyncSpeed, sync.speed_bytes_per_second, array);
  samples.add(kRemaining, sync.remaining_seconds, array);
}

}  // namespace

std::span<const MetricInfo* const> raid_metrics() { return kArrayMetrics; }

void add_array(Samples& samples, const RaidArray& array, const RaidAssessment& assessment) {
  const std::string& name = array.name;
  const std::string layout = array.layout ? raid_layout_name(array.level, *array.layout) : "";
  if (array.labels_known && array.name_in_superblock)
    samples.add(kRaidArrayInfo, 1.0, name, array.level, array.metadata, array.uuid,
                *array.name_in_superblock, array.consistency_policy, layout);
  samples.add_states(kRaidArrayState, kStates, array.state, name);
  samples.add(kRaidArrayUsable, assessment.usable, name);
  samples.add(kFailuresTolerated, assessment.failures_tolerated, name);
  samples.add(kSize, array.size_bytes, name);
  samples.add(kComponentSize, array.component_size_bytes, name);
  samples.add(kChunk, array.chunk_bytes, name);
  samples.add(kDisksRequired, array.disks_required, name);
  samples.add(kDegraded, array.degraded_disks, name);
  add_disks(samples, name, array.disks);
  add_sync(samples, name, array.sync);
  add_mismatch(samples, array);
  add_bitmap(samples, array);
  samples.add(kStripeCacheSize, array.stripe_cache_size, name);
  samples.add(kStripeCacheActive, array.stripe_cache_active, name);
}

void add_array_present(Samples& samples, const std::string& array, bool present) {
  samples.add(kRaidArrayPresent, present ? 1.0 : 0.0, array);
  if (!present) samples.add(kRaidArrayUsable, 0.0, array);
}

void add_array_count(Samples& samples, std::optional<double> count) {
  samples.add(kRaidArrays, count);
}

}  // namespace rig
