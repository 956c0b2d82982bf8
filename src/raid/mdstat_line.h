// The lines of /proc/mdstat, one by one (see rig/mdstat.h).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "raid/mdstat.h"

namespace rig::mdstat_line {

// An array's first line, given as its words: "md0 : active raid1 sdb[1] sda[0]". An array without
// members has its status on the same line, and so have all arrays of 2.4's first kernels. Absent
// when it makes no sense.
std::optional<MdstatArray> parse_array(const std::vector<std::string_view>& words);

// Adds what a further line of an array says: status, progress, what it waits for, bitmap. False
// when the line makes no sense or says something for the second time; the array is as before then.
bool add_to_array(MdstatArray& array, std::string_view line,
                  const std::vector<std::string_view>& words);

}  // namespace rig::mdstat_line
