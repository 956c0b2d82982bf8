// A RaidArray as /proc/mdstat describes it.
#pragma once

#include "raid/mdstat.h"
#include "raid/raid_array.h"

namespace rig {

// mdstat does not report slots, UUIDs, vanished devices, the difference between repair and resync,
// or states finer than active: those fields are absent. So is what a malformed line of the array
// would have provided.
RaidArray from_mdstat(const MdstatArray& mdstat);

}  // namespace rig
