// How often the device of a member has vanished while it was one, from the removals of all block
// devices.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "raid/raid_array.h"

namespace rig {

using RemovalCounts = std::map<std::string, std::uint64_t, std::less<>>;  // by device: "sdb1"

class MemberRemovals {
 public:
  struct Member {
    std::uint64_t removals = 0;
    // Of any device of this name, when we last looked; what follows counts while `is_member`.
    std::uint64_t seen = 0;
    bool is_member = true;
  };
  using Members = std::map<std::string, Member, std::less<>>;

  // `arrays` are those of this scrape. A member counts what happened since the scrape before, where
  // it was a member, too: what a name did before it became one is not the array's. Members that
  // have left stay for as long as their array; an array that is missing from `arrays` is forgotten
  // when these are `all`.
  void update(std::span<const RaidArray> arrays, bool all, const RemovalCounts& removals);

  // Those of an array that was in the last update; by name.
  const Members& of(const std::string& array) const { return arrays_.at(array); }

 private:
  std::map<std::string, Members, std::less<>> arrays_;
};

}  // namespace rig
