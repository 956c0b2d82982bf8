#include "raid/raid_array_from_sysfs.h"

#include "raid/raid_array_fixture.h"
#include "raid/raid_assessment.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("Without its state an array is not described") {
  auto sysfs = healthy_raid1();
  CHECK(from_sysfs("md0", sysfs));
  sysfs.array_state.reset();
  CHECK_FALSE(from_sysfs("md0", sysfs));
}

TEST_CASE("A vanished device counts as lost although md still reports it as in sync") {
  auto sysfs = healthy_raid1();
  sysfs.members[1].device_present = false;
  auto array = array_in_sysfs(sysfs);
  CHECK(assess(array).usable == true);
  CHECK(array.disks.active == 1U);
  CHECK(array.disks.missing == 1U);
  sysfs.members[0].device_present = false;
  CHECK(assess(array_in_sysfs(sysfs)).usable == false);
  sysfs.members[0].device_present.reset();  // unknown: the state from md is used
  CHECK(assess(array_in_sysfs(sysfs)).usable == true);
}

TEST_CASE("An array with a member whose slot or flags are unknown is not assessed") {
  auto sysfs = healthy_raid1();
  sysfs.members[1].role = MdSysfsMember::Role::unknown;
  auto array = array_in_sysfs(sysfs);
  CHECK_FALSE(assess(array).usable);
  CHECK_FALSE(array.disks.active);
  CHECK_FALSE(array.disks.missing);
  CHECK(array.degraded_disks == 0U);
  sysfs = healthy_raid1();
  sysfs.members[1].state_known = false;
  CHECK_FALSE(assess(array_in_sysfs(sysfs)).usable);
  CHECK(array_in_sysfs(sysfs).members.at(1).states.empty());
}

TEST_CASE("The speed of a finished sync is not reported") {
  CHECK_FALSE(array_in_sysfs(healthy_raid1()).sync.speed_bytes_per_second);
}

TEST_CASE("The remaining time of a sync follows from its position and speed") {
  auto sysfs = healthy_raid1();
  sysfs.sync_action = "resync";
  sysfs.sync_completed = MdPosition{1000, 3000};
  sysfs.sync_speed_kib_per_second = 100;
  CHECK(array_in_sysfs(sysfs).sync.progress_ratio == 1000.0 / 3000.0);
  CHECK(array_in_sysfs(sysfs).sync.remaining_seconds == 10.0);
  sysfs.sync_speed_kib_per_second = 0;
  CHECK_FALSE(array_in_sysfs(sysfs).sync.remaining_seconds);
  CHECK(array_in_sysfs(sysfs).sync.speed_bytes_per_second == 0.0);
}

TEST_CASE("A sync position beyond the end is dropped") {
  auto sysfs = healthy_raid1();
  sysfs.sync_completed = MdPosition{4000, 3000};
  CHECK_FALSE(array_in_sysfs(sysfs).sync.progress_ratio);
  sysfs.sync_completed = MdPosition{0, 0};
  CHECK_FALSE(array_in_sysfs(sysfs).sync.progress_ratio);
}

TEST_CASE("Mismatches belong to the action that counted them, and are absent before any") {
  auto sysfs = healthy_raid1();
  sysfs.mismatch_sectors = 256;
  CHECK_FALSE(array_in_sysfs(sysfs).mismatch);
  sysfs.last_sync_action = "none";
  CHECK_FALSE(array_in_sysfs(sysfs).mismatch);
  sysfs.last_sync_action = "repair";
  CHECK(array_in_sysfs(sysfs).mismatch->sectors == 256U);
  CHECK(array_in_sysfs(sysfs).mismatch->after == "repair");
}

TEST_CASE("A RAID 5 with the consistency policy journal needs a working journal") {
  auto sysfs = healthy_raid1();
  sysfs.level = "raid5";
  sysfs.consistency_policy = "journal";
  CHECK(assess(array_in_sysfs(sysfs)).usable == false);
  MdSysfsMember journal;
  journal.name = "sdc";
  journal.role = MdSysfsMember::Role::journal;
  journal.state_known = true;
  journal.flags = {"journal"};
  sysfs.members.push_back(journal);
  CHECK(assess(array_in_sysfs(sysfs)).usable == true);
  sysfs.members.back().device_present = false;
  CHECK(assess(array_in_sysfs(sysfs)).usable == false);
  sysfs.members.back().device_present = true;
  sysfs.members.back().flags = {"faulty", "journal"};
  CHECK(assess(array_in_sysfs(sysfs)).usable == false);
}

TEST_CASE("A size that overflows in bytes is absent") {
  auto sysfs = healthy_raid1();
  sysfs.size_sectors = std::uint64_t{1} << 55;
  sysfs.component_size_kib = std::uint64_t{1} << 54;
  CHECK_FALSE(array_in_sysfs(sysfs).size_bytes);
  CHECK_FALSE(array_in_sysfs(sysfs).component_size_bytes);
  sysfs.size_sectors = (std::uint64_t{1} << 55) - 1;
  CHECK(array_in_sysfs(sysfs).size_bytes == 18446744073709551104U);
}
