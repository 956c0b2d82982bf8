#include "live/point_blocks.h"

namespace rig {

bool PointBlocks::append(PointList& list, HistoryPoint point) {
  if (list.empty() || !blocks_[list.last].has_room_for(point.time)) {
    const auto added = take_block();
    if (added == PointList::kNone) return false;
    blocks_[added].start = point.time;
    if (list.empty()) {
      list.first = added;
    } else {
      blocks_[list.last].next = added;
    }
    list.last = added;
  }
  Block& block = blocks_[list.last];
  block.after[block.count] = static_cast<std::uint16_t>((point.time - block.start).count());
  block.values[block.count] = point.value;
  ++block.count;
  return true;
}

std::optional<PointBlocks::Time> PointBlocks::last_time(const PointList& list) const {
  if (list.empty()) return std::nullopt;
  return blocks_[list.last].end();
}

std::optional<PointBlocks::Time> PointBlocks::first_block_end(const PointList& list) const {
  if (list.empty()) return std::nullopt;
  return blocks_[list.first].end();
}

void PointBlocks::remove_before(PointList& list, Time time) {
  while (!list.empty() && blocks_[list.first].end() < time) remove_first_block(list);
}

void PointBlocks::remove_first_block(PointList& list) {
  if (list.empty()) return;
  const auto removed = list.first;
  list.first = blocks_[removed].next;
  if (list.first == PointList::kNone) list.last = PointList::kNone;
  blocks_[removed].next = free_;
  free_ = removed;
}

void PointBlocks::copy(const PointList& list, Time from, std::vector<HistoryPoint>& points) const {
  for (auto at = list.first; at != PointList::kNone; at = blocks_[at].next) {
    const Block& block = blocks_[at];
    for (std::size_t i = 0; i < block.count; ++i) {
      if (block.time(i) >= from) points.push_back({block.time(i), block.values[i]});
    }
  }
}

std::uint32_t PointBlocks::take_block() {
  if (free_ != PointList::kNone) {
    const auto taken = free_;
    free_ = blocks_[taken].next;
    blocks_[taken].next = PointList::kNone;
    blocks_[taken].count = 0;
    return taken;
  }
  if (blocks_.size() >= most_) return PointList::kNone;
  blocks_.emplace_back();
  return static_cast<std::uint32_t>(blocks_.size() - 1);
}

}  // namespace rig
