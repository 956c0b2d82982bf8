// What resync, recovery, check or reshape an array is at.
#pragma once

#include "raid/raid_array.h"

namespace rig {

// Either may be null. Empty for a level without redundancy.
RaidSync sync_of(const MdstatArray* mdstat, const MdSysfs* sysfs);

}  // namespace rig
