// mdadm's names of array layouts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rig {

// "left-symmetric", "near=2", … for a number in md/layout; the number itself if it has no name, and
// empty for a level without layouts.
std::string raid_layout_name(std::string_view level, std::int64_t layout);

}  // namespace rig
