// The headers Accept and Accept-Encoding: lists whose items have parameters and a weight (RFC 9110,
// 12.4.2).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace rig {

// "text/plain;version=0.0.4;q=0.5" has the name "text/plain" and the weight 0.5. The weight is 1 if
// there is none, and 0, which refuses the item, if it is not a number.
struct WeightedItem {
  std::string_view name;
  std::string_view parameters;  // behind the name; the weight is one of them
  double weight = 1;

  // The value of a parameter without the quotes; absent if there is no such parameter.
  std::optional<std::string_view> parameter(std::string_view key) const;
  // Names are not case-sensitive.
  bool is(std::string_view other) const;
};

// In the order of the header. The items refer to it.
std::vector<WeightedItem> weighted_list(std::string_view header);

}  // namespace rig
