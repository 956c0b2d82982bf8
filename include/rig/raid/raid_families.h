// The metrics of md arrays that the doctor or the history of recent values use too; the others are
// declared in the files that add their samples.
#pragma once

#include "rig/metrics/metric.h"

namespace rig {

// Metadata of version 1 has room for so many members.
inline constexpr Range kPlausibleMembers{0, 1920};

inline constexpr auto kRaidArrays =
    gauge("rig_raid_arrays", Unit::none, "Number of md arrays, without containers.");
inline constexpr auto kRaidArrayInfo = gauge(
    "rig_raid_array_info", Unit::none,
    "Description of the array. A container of imsm or DDF volumes has the level container and "
    "no series about its disks.",
    "array", "level", "metadata", "uuid", "name", "consistency_policy", "layout");
inline constexpr auto kRaidArrayPresent = gauge(
    "rig_raid_array_present", Unit::none,
    "1 if the array exists, 0 if it does not but is named in the settings or in mdadm.conf or "
    "existed since the exporter started.",
    "array");
inline constexpr auto kRaidArrayState =
    gauge("rig_raid_array_state", Unit::none, "State of the array: 1 for the current one.", "array",
          "state");
inline constexpr auto kRaidArrayUsable =
    gauge("rig_raid_array_usable", Unit::none,
          "1 if the array serves reads and writes; 0 if it is broken or not started, has lost its "
          "journal or more members than its level and layout tolerate, or is expected but absent.",
          "array");
inline constexpr auto kRaidDisks =
    gauge("rig_raid_disks", Unit::none,
          "Number of disks of the array by role. active: in sync and present; rebuilding: being "
          "rebuilt; missing: slots without an active or rebuilding disk.",
          "array", "state")
        .within(kPlausibleMembers);
inline constexpr auto kRaidEventsMonitored = gauge(
    "rig_raid_events_monitored", Unit::none,
    "1 if events between scrapes are counted, 0 if they cannot be: in a container without the "
    "host's network, no removals of members (member_removal) are reported to the exporter.",
    "event");
inline constexpr auto kRaidMemberPresent =
    gauge("rig_raid_member_present", Unit::none,
          "0 if the block device of a member has vanished, whatever state md reports.", "array",
          "member");

inline constexpr auto kRaidSyncProgress =
    gauge("rig_raid_sync_progress_ratio", Unit::ratio,
          "Completed part of the running sync, from 0 to 1.", "array");
inline constexpr auto kRaidSyncSpeed =
    gauge("rig_raid_sync_speed_bytes_per_second", Unit::bytes_per_second,
          "Speed of the running sync in bytes per second of each member.", "array");

}  // namespace rig
