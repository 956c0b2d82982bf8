// The points of all series, in blocks of 32 that are reused. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <vector>

#include "rig/live/history.h"

namespace rig {

// The points of one series: a list of blocks, oldest first.
struct PointList {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t first = kNone;
  std::uint32_t last = kNone;

  bool empty() const { return first == kNone; }
};

class PointBlocks {
 public:
  using Time = BootClock::time_point;

  explicit PointBlocks(std::size_t most) : most_(most) {}

  // Appends a point, which must be later than the last one. False if that needs another block and
  // all are in use.
  bool append(PointList& list, HistoryPoint point);
  // The time of the last point; absent if there is none.
  std::optional<Time> last_time(const PointList& list) const;
  // The time of the last point of the first block, which is the first one to be removed.
  std::optional<Time> first_block_end(const PointList& list) const;
  // Removes the blocks whose points are all before `time`.
  void remove_before(PointList& list, Time time);
  void remove_first_block(PointList& list);
  // Appends the points from `from` on to `points`.
  void copy(const PointList& list, Time from, std::vector<HistoryPoint>& points) const;

  std::size_t memory_bytes() const { return blocks_.size() * sizeof(Block); }

 private:
  static constexpr std::size_t kPoints = 32;

  // 10 bytes for a point and 16 for all of them.
  struct Block {
    Time start{};                                // of the first point
    std::uint32_t next = PointList::kNone;       // of the list, or free
    std::uint32_t count = 0;                     // of points
    std::array<std::uint16_t, kPoints> after{};  // milliseconds after `start`
    std::array<double, kPoints> values{};

    Time time(std::size_t i) const { return start + std::chrono::milliseconds(after[i]); }
    Time end() const { return time(count - 1); }
    bool has_room_for(Time time) const {
      return count < kPoints &&
             time - start <= std::chrono::milliseconds(std::numeric_limits<std::uint16_t>::max());
    }
  };

  // An empty block that belongs to no list; kNone if all are in use.
  std::uint32_t take_block();

  const std::size_t most_;
  std::deque<Block> blocks_;  // one allocation for each block
  std::uint32_t free_ = PointList::kNone;
};

}  // namespace rig
