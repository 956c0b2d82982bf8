#include "raid/raid_assessment.h"

#include <string>
#include <string_view>
#include <utility>

#include "support/catch.h"

using namespace rig;

namespace {

// One letter per slot: U in sync, r rebuilding, _ missing.
std::vector<RaidSlot> slots(std::string_view letters) {
  std::vector<RaidSlot> result;
  for (const char c : letters) {
    result.push_back(c == 'U'   ? RaidSlot::in_sync
                     : c == 'r' ? RaidSlot::rebuilding
                                : RaidSlot::missing);
  }
  return result;
}

RaidArray array_of(std::string level, std::string_view letters,
                   std::optional<std::int64_t> layout = std::nullopt) {
  RaidArray array;
  array.state = "clean";
  array.container = false;
  array.level = std::move(level);
  array.slots = slots(letters);
  array.geometry = {letters.size(), layout};
  array.device_presence_known = true;
  return array;
}

std::optional<bool> usable(std::string level, std::string_view letters,
                           std::optional<std::int64_t> layout = std::nullopt) {
  return assess(array_of(std::move(level), letters, layout)).usable;
}

std::optional<std::uint32_t> tolerated(std::string level, std::string_view letters,
                                       std::optional<std::int64_t> layout = std::nullopt) {
  return assess(array_of(std::move(level), letters, layout)).failures_tolerated;
}

std::optional<bool> usable_in_reshape(std::string level, std::string_view letters, std::size_t now,
                                      std::size_t before) {
  RaidArray array = array_of(std::move(level), letters);
  array.geometry = {now, std::nullopt};
  array.old_geometry = RaidGeometry{before, std::nullopt};
  return assess(array).usable;
}

}  // namespace

TEST_CASE("RAID 0 and linear tolerate no failure") {
  for (const auto* level : {"raid0", "linear"}) {
    CHECK(usable(level, "UU") == true);
    CHECK(usable(level, "U_") == false);
    CHECK(usable(level, "__") == false);
  }
}

TEST_CASE("RAID 1 is usable while one disk is in sync, and a rebuilding disk is not") {
  CHECK(usable("raid1", "U_") == true);
  CHECK(usable("raid1", "_rU") == true);
  CHECK(usable("raid1", "r_") == false);
}

TEST_CASE("RAID 4 and 5 tolerate one failure, RAID 6 two, and a rebuilding disk counts as failed") {
  CHECK(usable("raid4", "UU_") == true);
  CHECK(usable("raid5", "U_U") == true);
  CHECK(usable("raid5", "Ur_") == false);
  CHECK(usable("raid5", "U__") == false);
  CHECK(usable("raid6", "U__U") == true);
  CHECK(usable("raid6", "Ur_U") == true);
  CHECK(usable("raid6", "Ur__") == false);
}

TEST_CASE("An array without any disk is not usable, even if parity would tolerate it") {
  CHECK(usable("raid6", "__") == false);
  CHECK(usable("raid5", "_") == false);
  CHECK(usable("raid5", "_U") == true);
}

TEST_CASE("RAID 10 with two near copies needs one disk of each pair") {
  constexpr int kNear2 = 258;
  CHECK(usable("raid10", "_U_U", kNear2) == true);
  CHECK(usable("raid10", "U__U", kNear2) == true);
  CHECK(usable("raid10", "__UU", kNear2) == false);
  CHECK(usable("raid10", "U_r_", kNear2) == false);
}

TEST_CASE("RAID 10 on a number of disks that is not a multiple of its copies") {
  constexpr int kNear2 = 258;
  // Three disks, two copies: 0-1, 2-0, 1-2.
  CHECK(usable("raid10", "_UU", kNear2) == true);
  CHECK(usable("raid10", "__U", kNear2) == false);
  CHECK(usable("raid10", "_U_", kNear2) == false);
  // Five disks: 0-1, 2-3, 4-0, 1-2, 3-4.
  CHECK(usable("raid10", "_U_UU", kNear2) == true);
  CHECK(usable("raid10", "_UUU_", kNear2) == false);
  CHECK(usable("raid10", "U__UU", kNear2) == false);
}

TEST_CASE("RAID 10 with far or offset copies is lost with any two adjacent disks") {
  constexpr int kFar2 = 513;
  constexpr int kOffset2 = 66049;
  for (const int layout : {kFar2, kOffset2}) {
    CHECK(usable("raid10", "U_U_", layout) == true);
    CHECK(usable("raid10", "U__U", layout) == false);
    CHECK(usable("raid10", "_UU_", layout) == false);  // the last and the first are adjacent
  }
}

TEST_CASE("RAID 10 with three near copies, and with near and far copies") {
  constexpr int kNear3 = 259;
  constexpr int kNear2Far2 = 2 | 2 << 8;
  CHECK(usable("raid10", "__U", kNear3) == true);
  CHECK(usable("raid10", "___", kNear3) == false);
  CHECK(usable("raid10", "___U", kNear2Far2) == true);
}

TEST_CASE("With an unknown RAID 10 layout only all or no disks can be assessed") {
  for (const std::optional<std::int64_t> layout :
       {std::optional<std::int64_t>(), std::optional<std::int64_t>(1 << 18 | 513),
        std::optional<std::int64_t>(0), std::optional<std::int64_t>(-1)}) {
    CHECK(usable("raid10", "UUUU", layout) == true);
    CHECK(usable("raid10", "____", layout) == false);
    CHECK_FALSE(usable("raid10", "U_UU", layout));
  }
}

TEST_CASE("A growing RAID 0 is a degraded RAID 4 and usable") {
  // The reshape fills a disk in the old parity slot; the new parity slot is empty.
  CHECK(usable_in_reshape("raid4", "UUUr_", 5, 4) == true);
  CHECK(usable_in_reshape("raid4", "UU_r_", 5, 4) == false);
  CHECK(usable_in_reshape("raid4", "UUU__", 5, 4) == false);  // the disk being filled is missing
}

TEST_CASE("A growing RAID 5 tolerates any one failure") {
  CHECK(usable_in_reshape("raid5", "UUUU", 4, 3) == true);
  CHECK(usable_in_reshape("raid5", "U_UU", 4, 3) == true);
  CHECK(usable_in_reshape("raid5", "UUU_", 4, 3) == true);
  CHECK(usable_in_reshape("raid5", "U_U_", 4, 3) == false);
}

TEST_CASE("A shrinking RAID 5 must tolerate the failures in both geometries") {
  CHECK(usable_in_reshape("raid5", "UUU_", 3, 4) == true);
  CHECK(usable_in_reshape("raid5", "UU__", 3, 4) == false);
}

TEST_CASE("Broken and inactive arrays are not usable, whatever their level") {
  for (const auto* level : {"raid0", "raid1", "raid10", "", "raid99"}) {
    RaidArray array = array_of(level, "UU", 258);
    array.broken = true;
    CHECK(assess(array).usable == false);
    array.broken = false;
    array.state = "inactive";
    CHECK(assess(array).usable == false);
  }
}

TEST_CASE("A container is not assessed, and neither is an inactive array that may be one") {
  RaidArray array = array_of("", "");
  array.state = "inactive";
  CHECK(assess(array) == RaidAssessment{false, std::nullopt});
  array.container.reset();
  CHECK(assess(array) == RaidAssessment{});
  array.container = true;
  CHECK(assess(array) == RaidAssessment{});
}

TEST_CASE("Without knowing which devices are present, an array can be lost but not usable") {
  RaidArray array = array_of("raid5", "UUU");
  array.device_presence_known = false;
  CHECK(assess(array) == RaidAssessment{});
  array.slots = slots("U__");
  CHECK(assess(array) == RaidAssessment{false, 0U});
}

TEST_CASE("An array with an unknown level, no slots or too few of them is not assessed") {
  CHECK_FALSE(usable("raid99", "UU"));
  CHECK_FALSE(usable("", "UU"));
  CHECK_FALSE(usable("raid0", ""));
  CHECK_FALSE(usable_in_reshape("raid5", "UUU", 4, 3));
}

TEST_CASE("The tolerated failures follow from the level and the failed members") {
  CHECK(tolerated("raid0", "UU") == 0U);
  CHECK(tolerated("linear", "UU") == 0U);
  CHECK(tolerated("raid1", "UUU") == 2U);
  CHECK(tolerated("raid1", "Ur") == 0U);
  CHECK(tolerated("raid5", "UUU") == 1U);
  CHECK(tolerated("raid5", "UU_") == 0U);
  CHECK(tolerated("raid5", "UUr") == 0U);
  CHECK(tolerated("raid6", "UUUU") == 2U);
  CHECK(tolerated("raid6", "UrUU") == 1U);
  CHECK(tolerated("raid6", "U__U") == 0U);
}

TEST_CASE("RAID 10 tolerates as many failures as its most affected chunk") {
  constexpr int kNear2 = 258;
  constexpr int kNear3 = 259;
  CHECK(tolerated("raid10", "UUUU", kNear2) == 1U);
  CHECK(tolerated("raid10", "UUU_", kNear2) == 0U);
  CHECK(tolerated("raid10", "UUU", kNear3) == 2U);
  CHECK(tolerated("raid10", "U_U", kNear3) == 1U);
}

TEST_CASE(
    "A lost array tolerates no failure, and one that is inactive or not assessed has no number") {
  CHECK(tolerated("raid5", "U__") == 0U);
  CHECK(tolerated("raid10", "__UU", 258) == 0U);
  auto array = array_of("raid6", "UUUU");
  array.broken = true;
  CHECK(assess(array) == RaidAssessment{false, 0U});
  array.broken = false;
  array.state = "inactive";
  CHECK(assess(array) == RaidAssessment{false, std::nullopt});
  CHECK_FALSE(tolerated("raid10", "UUUU"));
  CHECK_FALSE(tolerated("raid99", "UU"));
}

TEST_CASE("A RAID 5 without its journal is not usable, even with all disks") {
  auto array = array_of("raid5", "UUU");
  array.journal_lost = true;
  CHECK(assess(array) == RaidAssessment{false, 0U});
}

TEST_CASE("During a reshape of a RAID 10 the worse of both geometries counts") {
  auto array = array_of("raid10", "UUUU", 258);
  array.old_geometry = RaidGeometry{3, 259};
  CHECK(assess(array) == RaidAssessment{true, 1U});
  array.old_geometry = RaidGeometry{4, std::nullopt};
  CHECK(assess(array) == RaidAssessment{true, std::nullopt});
  array.slots = slots("__UU");
  CHECK(assess(array) == RaidAssessment{false, 0U});
}
