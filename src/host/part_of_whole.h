// A part that is larger than its whole, because one of them wrapped or was truncated.
#pragma once

#include <optional>
#include <string_view>

#include "rig/kernel/problem.h"

namespace rig {

// Removes `part` if it is larger than `whole`, and returns the problem. `source` is the file or
// mountpoint that they are from; the names complete "implausible: PART is larger than WHOLE". Which
// of the two is wrong is not known; the whole is usually simpler to determine.
inline std::optional<Problem> remove_larger_part(std::optional<double>& part,
                                                 const std::optional<double>& whole,
                                                 std::string_view source,
                                                 std::string_view part_name,
                                                 std::string_view whole_name) {
  if (!part || !whole || *part <= *whole) return std::nullopt;
  part.reset();
  return Problem{
      Reason::implausible, std::string(source),
      "implausible: " + std::string(part_name) + " is larger than " + std::string(whole_name)};
}

}  // namespace rig
