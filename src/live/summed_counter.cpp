#include "live/summed_counter.h"

#include <algorithm>

namespace rig {

double SummedCounter::update(Values values) {
  std::ranges::sort(values);
  double total = total_.value_or(0);
  for (const auto& [name, value] : values) {
    if (!total_) {
      total += value;
      continue;
    }
    const auto before = std::ranges::lower_bound(previous_, name, {}, &Values::value_type::first);
    const bool known = before != previous_.end() && before->first == name;
    if (known && value > before->second) total += value - before->second;
  }
  previous_ = std::move(values);
  total_ = total;
  return total;
}

}  // namespace rig
