// How often the accounts of the arrays in /proc/mdstat have changed, from one reading to the next.
//
// Not a change is what moves by itself: the progress of a sync, its speed, and the bitmap's pages.
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

class MdstatChanges {
 public:
  // An array that comes or goes has changed, save that those of the first reading were there. One
  // that was not understood is compared again when it is; that an array has gone is believed only
  // when the whole text was understood.
  void feed(const Mdstat& mdstat);

  // Of every array that was ever there.
  const ChangeCounts& counts() const { return counts_; }

 private:
  bool first_ = true;
  std::map<std::string, std::optional<MdstatArray>, std::less<>> last_;  // absent: not understood
  ChangeCounts counts_;
};

}  // namespace rig
