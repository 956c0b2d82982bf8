// An array's members and the slots they fill, from sysfs or from mdstat alone.
#pragma once

#include <vector>

#include "raid/raid_array.h"

namespace rig {

// Empty when not known.
std::vector<RaidSlot> slots_of(const MdSysfs& sysfs);
std::vector<RaidSlot> slots_of(const MdstatArray& mdstat);

// Whether an array that keeps a journal has none that works.
bool lost_journal(const MdSysfs& sysfs);
bool lost_journal(const MdstatArray& mdstat);

std::vector<RaidMember> members_of(const MdSysfs& sysfs);
std::vector<RaidMember> members_of(const MdstatArray& mdstat);

RaidDisks count_disks(const MdSysfs& sysfs);
RaidDisks count_disks(const MdstatArray& mdstat);

}  // namespace rig
