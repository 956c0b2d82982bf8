// The list format of the kernel for sets of CPUs.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "rig/kernel/read_result.h"

namespace rig {

// CPU numbers are smaller than this on any kernel.
inline constexpr unsigned kMaxCpus = 1U << 16U;

// "0-3,8\n". An empty list is valid. std::nullopt if malformed or truncated: kernels print at most
// one page, and machines with many CPUs may need more.
std::optional<std::vector<unsigned>> parse_cpu_list(std::string_view text);

// Absent without the file.
ReadResult<std::vector<unsigned>> read_cpu_list(const std::string& file);

}  // namespace rig
