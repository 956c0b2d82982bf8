// Counts how often what /proc/mdstat reports about an array changes from one reading to the next.
//
// Values that change continuously do not count: the progress and speed of a sync, the bitmap's
// pages.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "raid/mdstat.h"

namespace rig {

using ChangeCounts = std::map<std::string, std::uint64_t, std::less<>>;  // by array

class MdstatChangeCounter {
 public:
  // An array that appears or disappears has changed, except those of the first reading. A malformed
  // array is compared once it can be parsed again, and an array counts as gone only if `mdstat`
  // lists all arrays.
  void update(const Mdstat& mdstat);

  // Includes arrays that have disappeared.
  const ChangeCounts& counts() const { return counts_; }

 private:
  bool is_first_ = true;
  std::map<std::string, std::optional<MdstatArray>, std::less<>> last_;  // nullopt: malformed
  ChangeCounts counts_;
};

}  // namespace rig
