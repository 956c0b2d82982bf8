#include "raid/raid_array_overlay.h"

#include "raid/raid_array_fixture.h"
#include "raid/raid_assessment.h"
#include "support/catch.h"

using namespace rig;

namespace {

RaidArray overlaid(const MdstatArray& mdstat, const MdSysfs& sysfs) {
  return overlay(from_mdstat(mdstat), from_sysfs("md0", sysfs).value());
}

const std::string kDegradedArray =
    "md0 : active raid1 sda[0]\n      8 blocks super 1.2 [2/1] [U_]\n";

}  // namespace

TEST_CASE("Arrays from either source are combined by name") {
  const auto mdstat =
      parse_mdstat("md1 : active raid1 sda[0]\n      8 blocks [2/1] [U_]\n" + kDegradedArray);
  const auto arrays =
      combine_raid_arrays(mdstat, {{"md0", healthy_raid1()}, {"md2", healthy_raid1()}});
  REQUIRE(arrays.size() == 3);
  CHECK(arrays.at("md0").state == "clean");
  CHECK(arrays.at("md1").state == "active");
  CHECK(arrays.at("md2").name == "md2");
}

TEST_CASE("An empty device is not an array") {
  auto sysfs = healthy_raid1();
  sysfs.array_state = "clear";
  CHECK(combine_raid_arrays({}, {{"md0", sysfs}}).empty());
  CHECK(combine_raid_arrays(parse_mdstat(kDegradedArray), {{"md0", sysfs}}).empty());
}

TEST_CASE("Without the state in sysfs only mdstat is used") {
  auto sysfs = healthy_raid1();
  sysfs.array_state.reset();
  CHECK(combine_raid_arrays({}, {{"md0", sysfs}}).empty());
  const auto array = combine_raid_arrays(parse_mdstat(kDegradedArray), {{"md0", sysfs}}).at("md0");
  CHECK(array.state == "active");
  CHECK(array.degraded_disks == 1U);
}

TEST_CASE("sysfs takes precedence, and mdstat is not a fallback for its absent fields") {
  auto sysfs = healthy_raid1();
  const auto mdstat = parse_mdstat_array(kDegradedArray);
  CHECK(overlaid(mdstat, sysfs).degraded_disks == 0U);
  CHECK(overlaid(mdstat, sysfs).size_bytes == 1073741824U);
  CHECK(overlaid(mdstat, sysfs).members.size() == 2);
  sysfs.degraded.reset();
  sysfs.size_sectors.reset();
  CHECK_FALSE(overlaid(mdstat, sysfs).degraded_disks);
  CHECK_FALSE(overlaid(mdstat, sysfs).size_bytes);
}

TEST_CASE("mdstat provides the level and the metadata if sysfs has none") {
  auto sysfs = healthy_raid1();
  sysfs.level.reset();
  sysfs.metadata_version.reset();
  const auto array = overlaid(parse_mdstat_array(kDegradedArray), sysfs);
  CHECK(array.level == "raid1");
  CHECK(array.metadata == "1.2");
  CHECK(array.container == false);
  const auto imsm =
      parse_mdstat_array("md0 : inactive sda[0](S)\n      8 blocks super external:imsm\n");
  CHECK(overlaid(imsm, sysfs).container == true);
  sysfs.metadata_version = "external:/md127/0";
  CHECK(overlaid(imsm, sysfs).container == false);
}

TEST_CASE("An array is broken if either source reports it") {
  auto sysfs = healthy_raid1();
  auto mdstat = parse_mdstat_array("md0 : broken raid1 sdb[1] sda[0]\n      8 blocks [2/2] [UU]\n");
  sysfs.array_state = "readonly";
  CHECK(assess(overlaid(mdstat, sysfs)).usable == false);
  mdstat.state = "active";
  CHECK(assess(overlaid(mdstat, sysfs)).usable == true);
  sysfs.array_state = "broken";
  CHECK(assess(overlaid(mdstat, sysfs)).usable == false);
}

TEST_CASE("The sync action is from sysfs, its progress from mdstat") {
  auto sysfs = healthy_raid1();
  sysfs.sync_action = "repair";
  sysfs.sync_completed = MdPosition{1, 2};
  const std::string status = "md0 : active raid1 sdb[1] sda[0]\n      8 blocks [2/2] [UU]\n";
  const auto running = parse_mdstat_array(
      status + "      [=>...]  resync = 25.0% (1/4) finish=1.0min speed=1K/sec\n");
  CHECK(overlaid(running, sysfs).sync.action == "repair");
  CHECK(overlaid(running, sysfs).sync.progress_ratio == 0.25);
  const auto finished = parse_mdstat_array(status);
  CHECK(overlaid(finished, sysfs).sync.action == "repair");
  CHECK_FALSE(overlaid(finished, sysfs).sync.progress_ratio);
}

TEST_CASE("The whole sync is from sysfs if a line of mdstat is malformed") {
  const auto mdstat = parse_mdstat_array(kDegradedArray + "      \tresync=D\n");
  CHECK_FALSE(applicable_fields(from_mdstat(mdstat)).sync.delayed);
  CHECK(overlaid(mdstat, healthy_raid1()).sync.delayed == false);
}

TEST_CASE("The bitmap is from mdstat") {
  const auto mdstat =
      parse_mdstat_array(kDegradedArray + "      bitmap: 0/1 pages [0KB], 65536KB chunk\n");
  CHECK(overlaid(mdstat, healthy_raid1()).bitmap.has_value());
}
