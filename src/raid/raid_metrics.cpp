#include "raid/raid_metrics.h"

#include <algorithm>
#include <array>
#include <string>

#include "raid/raid_layout_name.h"

namespace rig {
namespace {

constexpr auto kArrays =
    gauge("rig_raid_arrays", Unit::none, "Number of md arrays, without containers.");
constexpr auto kInfo = gauge(
    "rig_raid_array_info", Unit::none,
    "Description of the array. A container of imsm or DDF volumes has the level container and "
    "no series about its disks.",
    "array", "level", "metadata", "uuid", "name", "consistency_policy", "layout");
constexpr auto kPresent = gauge(
    "rig_raid_array_present", Unit::none,
    "1 if the array exists, 0 if it does not but is named in the settings or in mdadm.conf or "
    "existed since the exporter started.",
    "array");
constexpr auto kState = gauge("rig_raid_array_state", Unit::none,
                              "State of the array: 1 for the current one.", "array", "state");
constexpr auto kUsable =
    gauge("rig_raid_array_usable", Unit::none,
          "1 if the array serves reads and writes; 0 if it is broken or not started, has lost its "
          "journal or more members than its level and layout tolerate, or is expected but absent.",
          "array");
constexpr auto kFailuresTolerated =
    gauge("rig_raid_failures_tolerated", Unit::none,
          "Number of further members that can fail, whichever they are, before the array is lost. "
          "A disk that is being rebuilt counts as failed.",
          "array");
constexpr auto kSize =
    gauge("rig_raid_array_size_bytes", Unit::bytes, "Size of the array in bytes.", "array");
constexpr auto kComponentSize =
    gauge("rig_raid_component_size_bytes", Unit::bytes,
          "Space used on each member in bytes; not for RAID 0 and linear.", "array");
constexpr auto kChunk = gauge("rig_raid_chunk_bytes", Unit::bytes,
                              "Chunk size in bytes; striped levels only.", "array");
constexpr auto kDisksRequired = gauge("rig_raid_disks_required", Unit::none,
                                      "Number of slots of the array (raid_disks).", "array");
constexpr auto kDisks =
    gauge("rig_raid_disks", Unit::none,
          "Number of disks of the array by role. active: in sync and present; rebuilding: being "
          "rebuilt; missing: slots without an active or rebuilding disk.",
          "array", "state");
constexpr auto kDegraded =
    gauge("rig_raid_degraded_disks", Unit::none,
          "Number of slots without a disk in sync, as counted by md; levels with redundancy only.",
          "array");
constexpr auto kSyncAction =
    gauge("rig_raid_sync_action", Unit::none,
          "Sync action of the array: 1 for the current one; levels with redundancy only.", "array",
          "action");
constexpr auto kSyncWaiting =
    gauge("rig_raid_sync_waiting", Unit::none,
          "1 if a sync is waiting. delayed: for another array on the same disks; pending: for the "
          "first write; remote: for another node of the cluster.",
          "array", "reason");
constexpr auto kProgress = gauge("rig_raid_sync_progress_ratio", Unit::ratio,
                                 "Completed part of the running sync, from 0 to 1.", "array");
constexpr auto kSpeed =
    gauge("rig_raid_sync_speed_bytes_per_second", Unit::bytes_per_second,
          "Speed of the running sync in bytes per second of each member.", "array");
constexpr auto kRemaining =
    gauge("rig_raid_sync_remaining_seconds", Unit::seconds,
          "Estimated time until the running sync completes, in seconds.", "array");

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
          "regions that may be out of sync.",
          "array");
constexpr auto kBitmapPages =
    gauge("rig_raid_bitmap_pages", Unit::none,
          "Total number of pages of the write-intent bitmap's counters.", "array");
constexpr auto kBitmapChunk =
    gauge("rig_raid_bitmap_chunk_bytes", Unit::bytes,
          "Size in bytes of the region that one bit of the write-intent bitmap covers.", "array");

constexpr auto kAll = std::to_array<const MetricInfo*>({&kArrays,
                                                        &kPresent,
                                                        &kInfo,
                                                        &kState,
                                                        &kUsable,
                                                        &kFailuresTolerated,
                                                        &kSize,
                                                        &kComponentSize,
                                                        &kChunk,
                                                        &kDisksRequired,
                                                        &kDisks,
                                                        &kDegraded,
                                                        &kSyncAction,
                                                        &kSyncWaiting,
                                                        &kProgress,
                                                        &kSpeed,
                                                        &kRemaining,
                                                        &kMismatch,
                                                        &kStripeCacheSize,
                                                        &kStripeCacheActive,
                                                        &kBitmapDirty,
                                                        &kBitmapPages,
                                                        &kBitmapChunk});

constexpr auto kStates = std::to_array<std::string_view>(
    {"clear", "inactive", "suspended", "readonly", "read_auto", "clean", "active", "write_pending",
     "active_idle", "broken", "other"});
constexpr auto kActions = std::to_array<std::string_view>(
    {"idle", "resync", "recover", "check", "repair", "reshape", "frozen", "other"});

void add_disks(Samples& samples, const std::string& array, const RaidDisks& disks) {
  samples.add(kDisks, disks.active, array, "active");
  samples.add(kDisks, disks.rebuilding, array, "rebuilding");
  samples.add(kDisks, disks.spare, array, "spare");
  samples.add(kDisks, disks.faulty, array, "faulty");
  samples.add(kDisks, disks.missing, array, "missing");
  samples.add(kDisks, disks.journal, array, "journal");
}

void add_mismatch(Samples& samples, const RaidArray& array) {
  constexpr auto kCounters = std::to_array<std::string_view>({"check", "repair", "resync"});
  if (!array.mismatch) return;
  const bool known = std::ranges::find(kCounters, array.mismatch->after) != kCounters.end();
  samples.add(kMismatch, static_cast<double>(array.mismatch->sectors), array.name,
              known ? array.mismatch->after : std::string("other"));
}

void add_bitmap(Samples& samples, const std::string& array, const MdstatBitmap& bitmap) {
  samples.add(kBitmapDirty, bitmap.dirty_pages, array);
  samples.add(kBitmapPages, bitmap.pages, array);
  samples.add(kBitmapChunk, bitmap.chunk_bytes, array);
}

void add_sync(Samples& samples, const std::string& array, const RaidSync& sync) {
  samples.add_states(kSyncAction, kActions, sync.action, array);
  samples.add(kSyncWaiting, sync.delayed, array, "delayed");
  samples.add(kSyncWaiting, sync.pending, array, "pending");
  samples.add(kSyncWaiting, sync.remote, array, "remote");
  samples.add(kProgress, sync.progress_ratio, array);
  samples.add(kSpeed, sync.speed_bytes_per_second, array);
  samples.add(kRemaining, sync.remaining_seconds, array);
}

}  // namespace

std::span<const MetricInfo* const> raid_metrics() { return kAll; }

void add_array(Samples& samples, const RaidArray& array, const RaidAssessment& assessment) {
  const std::string& name = array.name;
  const std::string layout = array.layout ? raid_layout_name(array.level, *array.layout) : "";
  if (array.labels_known && array.name_in_superblock)
    samples.add(kInfo, 1.0, name, array.level, array.metadata, array.uuid,
                *array.name_in_superblock, array.consistency_policy, layout);
  samples.add_states(kState, kStates, array.state, name);
  samples.add(kUsable, assessment.usable, name);
  samples.add(kFailuresTolerated, assessment.failures_tolerated, name);
  samples.add(kSize, array.size_bytes, name);
  samples.add(kComponentSize, array.component_size_bytes, name);
  samples.add(kChunk, array.chunk_bytes, name);
  samples.add(kDisksRequired, array.disks_required, name);
  samples.add(kDegraded, array.degraded_disks, name);
  add_disks(samples, name, array.disks);
  add_sync(samples, name, array.sync);
  add_mismatch(samples, array);
  if (array.bitmap) add_bitmap(samples, name, *array.bitmap);
  samples.add(kStripeCacheSize, array.stripe_cache_size, name);
  samples.add(kStripeCacheActive, array.stripe_cache_active, name);
}

void add_array_present(Samples& samples, const std::string& array, bool present) {
  samples.add(kPresent, present ? 1.0 : 0.0, array);
  if (!present) samples.add(kUsable, 0.0, array);
}

void add_array_count(Samples& samples, std::optional<double> count) { samples.add(kArrays, count); }

}  // namespace rig
