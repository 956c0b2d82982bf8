// Values that several tests of GPUs use.
#pragma once

#include <chrono>
#include <limits>

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kTwo32 = 4294967296.0;
// Any time, as long as times before it exist.
inline constexpr std::chrono::steady_clock::time_point kStart{std::chrono::hours(1000)};
