#pragma once

#include <algorithm>
#include <cstdint>

namespace rig {

// How many elements of a range satisfy the condition.
template <typename Elements, typename Condition>
std::uint32_t count(const Elements& elements, Condition condition) {
  return static_cast<std::uint32_t>(std::ranges::count_if(elements, condition));
}

}  // namespace rig
