// Decides rig_raid_array_usable and rig_raid_failures_tolerated: whether an md array serves reads
// and writes, and how many more members may fail before it no longer does.
//
// The rules are those of md's own code (raid0.c, raid1.c, raid5.c has_failed() and handle_stripe(),
// raid10.c enough()) plus what md does not check: a member whose block device has vanished is lost,
// even before md detects it at the first I/O.
//
// Expected arrays that are absent are not assessed: see ExpectedArrays.
//
// A pure function, which may be called from any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "raid/raid_array.h"

namespace rig {

// Fields are absent if they cannot be determined.
struct RaidAssessment {
  std::optional<bool> usable;
  // 0 for an array that is lost; absent for one that is not started.
  std::optional<std::uint32_t> failures_tolerated;

  bool operator==(const RaidAssessment&) const = default;
};

RaidAssessment assess(const RaidArray& array);

}  // namespace rig
