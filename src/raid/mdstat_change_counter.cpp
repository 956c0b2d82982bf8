#include "raid/mdstat_change_counter.h"

#include <algorithm>
#include <tuple>

namespace rig {
namespace {

bool same_account(const MdstatArray& left, const MdstatArray& right) {
  const auto account = [](const MdstatArray& array) {
    return std::tie(array.state, array.read_only, array.auto_read_only, array.level, array.members,
                    array.disks_required, array.disks_working, array.slots, array.size_bytes,
                    array.metadata, array.chunk_bytes, array.algorithm, array.raid10);
  };
  const auto action = [](const MdstatArray& array) {
    return array.progress ? array.progress->action : std::string();
  };
  const auto waiting = [](const MdstatArray& array) {
    return array.waiting ? array.waiting->action + " " + array.waiting->reason : std::string();
  };
  return account(left) == account(right) && action(left) == action(right) &&
         waiting(left) == waiting(right);
}

bool names_all(const Mdstat& mdstat) {
  return std::ranges::none_of(mdstat.problems, [](const auto& p) { return p.array.empty(); });
}

}  // namespace

void MdstatChanges::feed(const Mdstat& mdstat) {
  for (const MdstatArray& array : mdstat.arrays) {
    const auto [last, came] = last_.try_emplace(array.name);
    auto& count = counts_[array.name];
    if (came && !first_) ++count;
    if (!array.understood) continue;
    if (last->second && !same_account(*last->second, array)) ++count;
    last->second = array;
  }
  first_ = false;
  if (!names_all(mdstat)) return;
  std::erase_if(last_, [&](const auto& last) {
    const bool gone =
        std::ranges::find(mdstat.arrays, last.first, &MdstatArray::name) == mdstat.arrays.end();
    if (gone) ++counts_[last.first];
    return gone;
  });
}

}  // namespace rig
