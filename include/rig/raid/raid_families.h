// The metrics of md arrays that the doctor queries; the others are declared where they are added.
#pragma once

#include "rig/metrics/metric.h"

namespace rig {
// filled when the directories are merged
inline constexpr auto kRaidArrays = gauge("rig_raid_arrays", Unit::none, "Number of md arrays.");
inline constexpr auto kRaidArrayInfo = gauge("rig_raid_array_info", Unit::none, "x.", "array");
inline constexpr auto kRaidArrayPresent =
    gauge("rig_raid_array_present", Unit::none, "x.", "array");
inline constexpr auto kRaidArrayState =
    gauge("rig_raid_array_state", Unit::none, "x.", "array", "state");
inline constexpr auto kRaidArrayUsable = gauge("rig_raid_array_usable", Unit::none, "x.", "array");
inline constexpr auto kRaidDisks = gauge("rig_raid_disks", Unit::none, "x.", "array", "state");
inline constexpr auto kRaidMemberPresent =
    gauge("rig_raid_member_present", Unit::none, "x.", "array", "member");

}  // namespace rig
