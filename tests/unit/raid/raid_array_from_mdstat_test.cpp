#include "raid/raid_array_from_mdstat.h"

#include "raid/raid_array_fixture.h"
#include "raid/raid_assessment.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("An inactive array that may be a container is not assessed") {
  MdstatArray mdstat;
  mdstat.name = "md127";
  mdstat.state = "inactive";
  const auto array = from_mdstat(mdstat);
  CHECK_FALSE(array.container);
  CHECK_FALSE(assess(array).usable);
  const std::string line = "md0 : inactive sda[0](S)\n      8 blocks super ";
  CHECK(assess(array_in_mdstat(line + "1.2\n")).usable == false);
  CHECK_FALSE(assess(array_in_mdstat(line + "external:imsm\n")).usable);
}

TEST_CASE("More working disks than required are not a negative number of degraded disks") {
  const auto array =
      array_in_mdstat("md0 : active raid1 sdc[2] sdb[1] sda[0]\n      8 blocks [2/3] [UU]\n");
  CHECK_FALSE(array.degraded_disks);
  CHECK(array.disks_required == 2U);
}

TEST_CASE("mdstat reports neither that an array is idle nor the action of a delayed sync") {
  const std::string array = "md0 : active raid1 sda[0]\n      8 blocks [2/1] [U_]\n";
  CHECK_FALSE(array_in_mdstat(array).sync.action);
  const auto delayed = array_in_mdstat(array + "      \tresync=DELAYED\n");
  CHECK_FALSE(delayed.sync.action);
  CHECK(delayed.sync.delayed == true);
  CHECK(delayed.sync.pending == false);
}

TEST_CASE("A degraded RAID 10 with far sets is not assessed") {
  CHECK_FALSE(assess(array_in_mdstat("md0 : active raid10 sdd[3] sdc[2] sdb[1]\n"
                                     "      8 blocks super 1.2 64K chunks 2 far-copies 2 devices "
                                     "per set [4/3] [_UUU]\n"))
                  .usable);
}

TEST_CASE("From mdstat alone an array can be lost, but never usable") {
  const auto complete =
      array_in_mdstat("md0 : active raid1 sdb[1] sda[0]\n      8 blocks super 1.2 [2/2] [UU]\n");
  CHECK(assess(complete) == RaidAssessment{});  // its devices may have vanished
  CHECK_FALSE(complete.disks.active);
  CHECK(complete.disks.missing == 0U);
  const auto lost = array_in_mdstat(
      "md0 : active raid5 sda[0]\n      8 blocks super 1.2 level 5, 64k chunk, "
      "algorithm 2 [3/1] [U__]\n");
  CHECK(assess(lost) == RaidAssessment{false, 0U});
}

TEST_CASE("mdstat reports a failed journal") {
  const std::string rest =
      " sdc[2] sdb[1] sda[0]\n      8 blocks super 1.2 level 5, 64k chunk, algorithm 2 [3/3] "
      "[UUU]\n";
  CHECK_FALSE(assess(array_in_mdstat("md0 : active raid5 sdd[3](J)" + rest)).usable);
  CHECK(assess(array_in_mdstat("md0 : active raid5 sdd[3](J)(F)" + rest)).usable == false);
}

TEST_CASE("A disk that Synology's kernel marks with an error still fills its slot") {
  const auto array =
      array_in_mdstat("md0 : active raid1 sdb1[1](E)\n      2490176 blocks [2/1] [_E]\n");
  CHECK_FALSE(assess(array).usable);
  CHECK(array.disks.missing == 1U);
}
