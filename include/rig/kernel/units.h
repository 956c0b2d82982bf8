// Units of numbers in kernel files.
#pragma once

#include <cstdint>

namespace rig {

// The kernel writes this unit as kB, KB, K or KiB.
inline constexpr std::uint64_t kBytesPerKiB = 1024;

}  // namespace rig
