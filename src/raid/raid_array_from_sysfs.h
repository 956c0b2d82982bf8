// A RaidArray as described by md's files in sysfs.
#pragma once

#include <optional>
#include <string_view>

#include "raid/md_sysfs.h"
#include "raid/raid_array.h"

namespace rig {

// std::nullopt without md/array_state: the array cannot be assessed then. The state is "clear" for
// an empty device, which is not an array: md keeps such devices, also after an array was stopped.
// Fields whose file is missing or malformed are absent.
std::optional<RaidArray> from_sysfs(std::string_view name, const MdSysfs& sysfs);

}  // namespace rig
