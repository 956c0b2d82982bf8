#pragma once

#include <optional>

namespace rig {

// The increase of a counter of the firmware, which has 32 bits or more: one of 32 bits may have
// wrapped. Absent if the counter was reset.
inline std::optional<double> counter_increase(double before, double now) {
  constexpr double kWrap = 4294967296.0;  // 2^32
  if (now >= before) return now - before;
  const bool wrapped = before < kWrap && before >= kWrap / 2 && now < kWrap / 2;
  return wrapped ? std::optional(now + kWrap - before) : std::nullopt;
}

}  // namespace rig
