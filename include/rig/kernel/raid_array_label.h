// What an array is called in labels and settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rig {

// md0, md_d0, md_home: names that the kernel gives.
bool is_kernel_array_name(std::string_view name);

// "/dev/md0", "/dev/md/0", "0" and "md0" are "md0"; "/dev/md/data" and "data" are "md/data".
std::string raid_array_label(std::string_view name);

// Whether a label is among `patterns`, of which one that ends in * stands for all that begin so.
bool matches_array_label(std::string_view label, const std::vector<std::string>& patterns);

}  // namespace rig
