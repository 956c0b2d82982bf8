// Parses the lines of /proc/mdstat one by one (see mdstat.h).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "raid/mdstat.h"

namespace rig::mdstat_line {

// An array's first line, split into words: "md0 : active raid1 sdb[1] sda[0]". An array without
// members has its status on the same line, as have all arrays of early 2.4 kernels. std::nullopt if
// malformed.
std::optional<MdstatArray> parse_array(const std::vector<std::string_view>& words);

// Adds one of an array's further lines: status, progress, waiting sync, bitmap. False, and the
// array is unchanged, if the line is malformed or a duplicate.
bool add_to_array(MdstatArray& array, std::string_view line,
                  const std::vector<std::string_view>& words);

}  // namespace rig::mdstat_line
