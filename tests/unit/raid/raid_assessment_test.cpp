#include "raid/raid_assessment.h"

#include <string_view>

#include "support/catch.h"

using namespace rig;

namespace {

// One letter a slot: U in sync, r being rebuilt, _ missing.
std::vector<RaidSlot> slots(std::string_view letters) {
  std::vector<RaidSlot> result;
  for (const char c : letters) {
    result.push_back(c == 'U'   ? RaidSlot::in_sync
                     : c == 'r' ? RaidSlot::rebuilding
                                : RaidSlot::missing);
  }
  return result;
}

RaidHealth health_of(std::string level, std::string_view letters,
                     std::optional<std::int64_t> layout = std::nullopt) {
  RaidHealth health;
  health.level = std::move(level);
  health.slots = slots(letters);
  health.geometry = {letters.size(), layout};
  return health;
}

std::optional<bool> usable(std::string level, std::string_view letters,
                           std::optional<std::int64_t> layout = std::nullopt) {
  return judge(health_of(std::move(level), letters, layout)).usable;
}

std::optional<std::uint32_t> tolerated(std::string level, std::string_view letters,
                                       std::optional<std::int64_t> layout = std::nullopt) {
  return judge(health_of(std::move(level), letters, layout)).failures_tolerated;
}

std::optional<bool> usable_in_reshape(std::string level, std::string_view letters, std::size_t now,
                                      std::size_t before) {
  RaidHealth health;
  health.level = std::move(level);
  health.slots = slots(letters);
  health.geometry = {now, std::nullopt};
  health.old = RaidGeometry{before, std::nullopt};
  return judge(health).usable;
}

}  // namespace

TEST_CASE("RAID 0 and linear bear no loss") {
  for (const auto* level : {"raid0", "linear"}) {
    CHECK(usable(level, "UU") == true);
    CHECK(usable(level, "U_") == false);
    CHECK(usable(level, "__") == false);
  }
}

TEST_CASE("RAID 1 lives while one disk is in sync, and one being rebuilt is none") {
  CHECK(usable("raid1", "U_") == true);
  CHECK(usable("raid1", "_rU") == true);
  CHECK(usable("raid1", "r_") == false);
}

TEST_CASE("RAID 4 and 5 bear one loss, RAID 6 two, and a rebuilding disk is a loss") {
  CHECK(usable("raid4", "UU_") == true);
  CHECK(usable("raid5", "U_U") == true);
  CHECK(usable("raid5", "Ur_") == false);
  CHECK(usable("raid5", "U__") == false);
  CHECK(usable("raid6", "U__U") == true);
  CHECK(usable("raid6", "Ur_U") == true);
  CHECK(usable("raid6", "Ur__") == false);
}

TEST_CASE("Parity that bears the loss of all disks there are is no array") {
  CHECK(usable("raid6", "__") == false);
  CHECK(usable("raid5", "_") == false);
  CHECK(usable("raid5", "_U") == true);
}

TEST_CASE("RAID 10 with two near copies lives with one of each pair and dies with a pair") {
  constexpr int kNear2 = 258;
  CHECK(usable("raid10", "_U_U", kNear2) == true);
  CHECK(usable("raid10", "U__U", kNear2) == true);
  CHECK(usable("raid10", "__UU", kNear2) == false);
  CHECK(usable("raid10", "U_r_", kNear2) == false);
}

TEST_CASE("RAID 10 over a number of disks that its copies do not divide") {
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

TEST_CASE("RAID 10 with far or offset copies loses data with any two neighbours") {
  constexpr int kFar2 = 513;
  constexpr int kOffset2 = 66049;
  for (const int layout : {kFar2, kOffset2}) {
    CHECK(usable("raid10", "U_U_", layout) == true);
    CHECK(usable("raid10", "U__U", layout) == false);
    CHECK(usable("raid10", "_UU_", layout) == false);  // the last and the first are neighbours
  }
}

TEST_CASE("RAID 10 with three near copies, and with near and far copies") {
  constexpr int kNear3 = 259;
  constexpr int kNear2Far2 = 2 | 2 << 8;
  CHECK(usable("raid10", "__U", kNear3) == true);
  CHECK(usable("raid10", "___", kNear3) == false);
  CHECK(usable("raid10", "___U", kNear2Far2) == true);
}

TEST_CASE("A RAID 10 layout that is not known tells only the plain cases") {
  for (const std::optional<std::int64_t> layout :
       {std::optional<std::int64_t>(), std::optional<std::int64_t>(1 << 18 | 513),
        std::optional<std::int64_t>(0), std::optional<std::int64_t>(-1)}) {
    CHECK(usable("raid10", "UUUU", layout) == true);
    CHECK(usable("raid10", "____", layout) == false);
    CHECK_FALSE(usable("raid10", "U_UU", layout));
  }
}

TEST_CASE("A RAID 0 that grows shows as a degraded RAID 4 and is alive") {
  // The disk that the reshape fills lies in the parity's old slot; the new parity slot is empty.
  CHECK(usable_in_reshape("raid4", "UUUr_", 5, 4) == true);
  CHECK(usable_in_reshape("raid4", "UU_r_", 5, 4) == false);
  CHECK(usable_in_reshape("raid4", "UUU__", 5, 4) == false);  // the disk being filled has gone
}

TEST_CASE("A RAID 5 that grows bears one loss, wherever") {
  CHECK(usable_in_reshape("raid5", "UUUU", 4, 3) == true);
  CHECK(usable_in_reshape("raid5", "U_UU", 4, 3) == true);
  CHECK(usable_in_reshape("raid5", "UUU_", 4, 3) == true);
  CHECK(usable_in_reshape("raid5", "U_U_", 4, 3) == false);
}

TEST_CASE("A RAID 5 that shrinks must bear the loss in both geometries") {
  CHECK(usable_in_reshape("raid5", "UUU_", 3, 4) == true);
  CHECK(usable_in_reshape("raid5", "UU__", 3, 4) == false);
}

TEST_CASE("Broken and inactive arrays are not usable, whatever the level") {
  for (const auto* level : {"raid0", "raid1", "raid10", "", "raid99"}) {
    RaidHealth health;
    health.level = level;
    health.slots = slots("UU");
    health.geometry = {2, 258};
    health.broken = true;
    CHECK(judge(health).usable == false);
    health.broken = false;
    health.inactive = true;
    CHECK(judge(health).usable == false);
  }
}

TEST_CASE("An unknown level, no slots or too few of them cannot be told") {
  CHECK_FALSE(usable("raid99", "UU"));
  CHECK_FALSE(usable("", "UU"));
  CHECK_FALSE(usable("raid0", ""));
  CHECK_FALSE(usable_in_reshape("raid5", "UUU", 4, 3));
}

TEST_CASE("How many more members may go follows from the level and from what has gone") {
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

TEST_CASE("A RAID 10 tolerates what its worst off chunk does") {
  constexpr int kNear2 = 258;
  constexpr int kNear3 = 259;
  CHECK(tolerated("raid10", "UUUU", kNear2) == 1U);
  CHECK(tolerated("raid10", "UUU_", kNear2) == 0U);
  CHECK(tolerated("raid10", "UUU", kNear3) == 2U);
  CHECK(tolerated("raid10", "U_U", kNear3) == 1U);
}

TEST_CASE(
    "A lost array tolerates nothing, and one that is not started or not known has no number") {
  CHECK(tolerated("raid5", "U__") == 0U);
  CHECK(tolerated("raid10", "__UU", 258) == 0U);
  auto health = health_of("raid6", "UUUU");
  health.broken = true;
  CHECK(judge(health) == RaidAssessment{false, 0U});
  health.broken = false;
  health.inactive = true;
  CHECK(judge(health) == RaidAssessment{false, std::nullopt});
  CHECK_FALSE(tolerated("raid10", "UUUU"));
  CHECK_FALSE(tolerated("raid99", "UU"));
}

TEST_CASE("A RAID 5 that has lost its journal fails every write, though all disks are there") {
  auto health = health_of("raid5", "UUU");
  health.journal_lost = true;
  CHECK(judge(health) == RaidAssessment{false, 0U});
}

TEST_CASE("While a RAID 10 is reshaped the worse of both geometries counts") {
  auto health = health_of("raid10", "UUUU", 258);
  health.old = RaidGeometry{3, 259};
  CHECK(judge(health) == RaidAssessment{true, 1U});
  health.old = RaidGeometry{4, std::nullopt};
  CHECK(judge(health) == RaidAssessment{true, std::nullopt});
  health.slots = slots("__UU");
  CHECK(judge(health) == RaidAssessment{false, 0U});
}
