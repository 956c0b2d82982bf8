#include "raid/raid_array_from_mdstat.h"

namespace rig {
namespace {

constexpr double kBytesPerKiB = 1024;
constexpr double kBytesPerSector = 512;
constexpr double kSecondsPerMinute = 60;

std::optional<std::string> action_of(const MdstatArray* mdstat, const MdSysfs* sysfs) {
  if (sysfs) return sysfs->sync_action;
  // Of what is delayed or pending mdstat says "resync" whatever it is; what is remote is not ours.
  if (!mdstat->progress) return std::nullopt;
  return mdstat->progress->action == "recovery" ? "recover" : mdstat->progress->action;
}

void add_waiting(RaidSync& sync, const MdstatArray& mdstat) {
  const std::string reason = mdstat.waiting ? mdstat.waiting->reason : "";
  sync.delayed = reason == "delayed";
  sync.pending = reason == "pending";
  sync.remote = reason == "remote";
}

void add_waiting(RaidSync& sync, const MdSysfs& sysfs) {
  const bool resting = sysfs.sync_action == "idle" || sysfs.sync_action == "frozen";
  sync.delayed = sysfs.sync_delayed;
  sync.pending = resting && sysfs.resync_start_sectors.has_value();
}

void add_progress(RaidSync& sync, const MdstatProgress& progress) {
  sync.progress_ratio = progress.ratio;
  if (!progress.speed_kib_per_second) return;
  sync.speed_bytes_per_second = static_cast<double>(*progress.speed_kib_per_second) * kBytesPerKiB;
  if (*progress.speed_kib_per_second > 0 && progress.finish_minutes)
    sync.remaining_seconds = *progress.finish_minutes * kSecondsPerMinute;
}

void add_progress(RaidSync& sync, const MdSysfs& sysfs) {
  // The speed of what ran last stands there while nothing runs.
  if (!sysfs.sync_completed) return;
  const auto done = static_cast<double>(sysfs.sync_completed->done_sectors);
  const auto total = static_cast<double>(sysfs.sync_completed->total_sectors);
  if (total <= 0 || done > total) return;
  sync.progress_ratio = done / total;
  if (!sysfs.sync_speed_kib_per_second) return;
  const double speed = static_cast<double>(*sysfs.sync_speed_kib_per_second) * kBytesPerKiB;
  sync.speed_bytes_per_second = speed;
  if (speed > 0) sync.remaining_seconds = (total - done) * kBytesPerSector / speed;
}

}  // namespace

RaidSync sync_of(const MdstatArray* mdstat, const MdSysfs* sysfs) {
  RaidSync sync;
  const bool redundant = sysfs ? sysfs->sync_action.has_value() : !mdstat->slots.empty();
  if (!redundant) return sync;
  sync.action = action_of(mdstat, sysfs);
  const bool mdstat_complete = mdstat && mdstat->well_formed;
  if (mdstat_complete) {
    add_waiting(sync, *mdstat);
  } else if (sysfs) {
    add_waiting(sync, *sysfs);
  }
  if (mdstat_complete && mdstat->progress) {
    add_progress(sync, *mdstat->progress);
  } else if (!mdstat_complete && sysfs) {
    add_progress(sync, *sysfs);
  }
  return sync;
}

}  // namespace rig
