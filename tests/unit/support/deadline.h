#pragma once

#include <chrono>

// The time after that duration.
inline std::chrono::steady_clock::time_point in(std::chrono::milliseconds duration) {
  return std::chrono::steady_clock::now() + duration;
}
