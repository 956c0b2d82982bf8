#include "raid/member_removals.h"

#include <algorithm>

namespace rig {
namespace {

void update_members(MemberRemovals::Members& members, const RaidArray& array,
                    const RemovalCounts& removals) {
  const auto removals_of = [&](const std::string& name) {
    const auto found = removals.find(name);
    return found == removals.end() ? 0 : found->second;
  };
  for (auto& [name, member] : members) {
    const std::uint64_t count = removals_of(name);
    if (member.is_member) member.removals += count - member.seen;
    member.seen = count;
    member.is_member =
        std::ranges::find(array.members, name, &RaidMember::name) != array.members.end();
  }
  for (const RaidMember& member : array.members)
    members.try_emplace(member.name, MemberRemovals::Member{.seen = removals_of(member.name)});
}

}  // namespace

void MemberRemovals::update(std::span<const RaidArray> arrays, bool complete,
                            const RemovalCounts& removals) {
  if (complete) {
    std::erase_if(arrays_, [&](const auto& known) {
      return std::ranges::find(arrays, known.first, &RaidArray::name) == arrays.end();
    });
  }
  for (const RaidArray& array : arrays) update_members(arrays_[array.name], array, removals);
}

}  // namespace rig
