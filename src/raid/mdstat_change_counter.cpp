#include "raid/mdstat_change_counter.h"

#include <tuple>

namespace rig {
namespace {

bool is_unchanged(const MdstatArray& left, const MdstatArray& right) {
  const auto properties = [](const MdstatArray& array) {
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
  return properties(left) == properties(right) && action(left) == action(right) &&
         waiting(left) == waiting(right);
}

}  // namespace

void MdstatChangeCounter::update(const Mdstat& mdstat) {
  for (const MdstatArray& array : mdstat.arrays) {
    const auto [last, is_new] = last_.try_emplace(array.name);
    auto& count = counts_[array.name];
    if (is_new && !is_first_) ++count;
    if (!array.well_formed) continue;
    if (last->second && !is_unchanged(*last->second, array)) ++count;
    last->second = array;
  }
  is_first_ = false;
  if (!mdstat.lists_all_arrays()) return;
  std::erase_if(last_, [&](const auto& last) {
    if (mdstat.find(last.first)) return false;
    ++counts_[last.first];
    return true;
  });
}

}  // namespace rig
