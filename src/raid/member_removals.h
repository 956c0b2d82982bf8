// Counts how often the block device of an array member was removed while it was a member.
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
    // Removals of any device of this name up to the last update. Later ones count if `is_member`.
    std::uint64_t seen = 0;
    bool is_member = true;
  };
  using Members = std::map<std::string, Member, std::less<>>;

  // `arrays` are those of this scrape. A removal counts if the device was a member in the scrape
  // before it: earlier removals of a device of that name do not belong to the array. Former members
  // are kept as long as their array; an array that is not in `arrays` is forgotten if these are
  // `complete`.
  void update(std::span<const RaidArray> arrays, bool complete, const RemovalCounts& removals);

  // The members, by name, of an array that was in the last update.
  const Members& members_of(const std::string& array) const { return arrays_.at(array); }

 private:
  std::map<std::string, Members, std::less<>> arrays_;
};

}  // namespace rig
