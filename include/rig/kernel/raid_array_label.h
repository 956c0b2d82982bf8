// Names of md arrays in labels and settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rig {

// Whether this is a name that the kernel uses: md0, md_d0, md_home.
bool is_kernel_array_name(std::string_view name);

// The label of a device name: "md0" for "/dev/md0", "/dev/md/0", "0" and "md0", and "md/data" for
// "/dev/md/data" and "data".
std::string raid_array_label(std::string_view name);

// A name as above, or one that ends in * and means all names that start so: "md12*", "md/data*".
// "*", "md*" and "/dev/md*" mean all arrays ("md*"), "/dev/md/*" those with a name ("md/*").
std::string raid_array_pattern(std::string_view name);

// Whether a label matches one of the patterns.
bool matches_array_label(std::string_view label, const std::vector<std::string>& patterns);

}  // namespace rig
