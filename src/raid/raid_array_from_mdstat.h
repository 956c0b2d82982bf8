// A RaidArray as described by /proc/mdstat.
#pragma once

#include "raid/mdstat.h"
#include "raid/raid_array.h"

namespace rig {

// mdstat does not report slots, UUIDs, vanished devices, the difference between repair and resync,
// or states finer than active: those fields are absent, and so are those of a malformed line of the
// array.
RaidArray from_mdstat(const MdstatArray& mdstat);

}  // namespace rig
