// The metrics of the members of md arrays.
#pragma once

#include <map>
#include <span>

#include "raid/member_disks.h"
#include "raid/raid_array.h"
#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> raid_member_metrics();

void add_members(Samples& samples, const RaidArray& array,
                 const std::map<ArrayAndMember, MemberDisk>& disks, bool shows_serial_numbers);

}  // namespace rig
