// The list format of the kernel for sets of CPUs.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace rig {

// CPU numbers are smaller than this on any kernel.
inline constexpr unsigned kMaxCpus = 1U << 16U;

// "0-3,8". An empty list is valid. std::nullopt if malformed.
std::optional<std::vector<unsigned>> parse_cpu_list(std::string_view text);

}  // namespace rig
