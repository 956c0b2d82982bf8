#include "live/point_blocks.h"

#include <vector>

#include "live/recorded_points.h"
#include "support/catch.h"

using namespace rig;

namespace {

std::vector<HistoryPoint> block_points(const PointBlocks& blocks, const PointList& list,
                                       double from = 0) {
  std::vector<HistoryPoint> points;
  blocks.copy(list, boot_at(from), points);
  return points;
}

}  // namespace

TEST_CASE("A list continues in another block when one is full or its times do not fit") {
  PointBlocks blocks(100);
  PointList list;
  std::vector<HistoryPoint> expected;
  for (int i = 0; i < 100; ++i) expected.push_back({boot_at(i), 0.5 * i});
  for (const double second : {164.535, 164.536, 1000.0}) expected.push_back({boot_at(second), 1});
  for (const auto& point : expected) CHECK(blocks.append(list, point));
  CHECK(block_points(blocks, list) == expected);
  CHECK(block_points(blocks, list, 164.536).size() == 2);
  CHECK(blocks.last_time(list) == boot_at(1000));
}

TEST_CASE("A removed block is used again") {
  PointBlocks blocks(2);
  PointList first;
  PointList second;
  CHECK(blocks.append(first, {boot_at(1), 1}));
  CHECK(blocks.append(second, {boot_at(2), 2}));
  CHECK_FALSE(blocks.append(second, {boot_at(1000), 3}));
  blocks.remove_before(first, boot_at(1));
  CHECK_FALSE(first.empty());
  blocks.remove_before(first, boot_at(1.001));
  CHECK(first.empty());
  CHECK(blocks.append(second, {boot_at(1000), 3}));
  CHECK(block_points(blocks, second) ==
        std::vector<HistoryPoint>{{boot_at(2), 2}, {boot_at(1000), 3}});
}

TEST_CASE("An empty list has no times, and nothing is removed from it") {
  PointBlocks blocks(1);
  PointList list;
  CHECK_FALSE(blocks.last_time(list));
  CHECK_FALSE(blocks.first_block_end(list));
  blocks.remove_first_block(list);
  blocks.remove_before(list, boot_at(1e6));
  CHECK(block_points(blocks, list).empty());
}
