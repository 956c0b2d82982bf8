#include "raid/raid_array.h"

#include "support/catch.h"

using namespace rig;

namespace {

MdstatArray mdstat_of(const std::string& text) {
  const auto mdstat = parse_mdstat(text);
  REQUIRE(mdstat.arrays.size() == 1);
  return mdstat.arrays[0];
}

RaidArray from_mdstat(const std::string& text) {
  const auto mdstat = mdstat_of(text);
  return merge_raid_array(mdstat.name, &mdstat, nullptr).value();
}

MdSysfs healthy_raid1() {
  MdSysfsText text;
  text.files = {{"array_state", "clean"},      {"level", "raid1"},    {"raid_disks", "2"},
                {"metadata_version", "1.2"},   {"degraded", "0"},     {"sync_action", "idle"},
                {"sync_completed", "none"},    {"sync_speed", "977"}, {"resync_start", "none"},
                {"component_size", "1048576"}, {"size", "2097152"},   {"layout", "0"}};
  text.members = {{"dev-sda", "0", "in_sync", true}, {"dev-sdb", "1", "in_sync", true}};
  return parse_md_sysfs(text);
}

RaidArray merged(const MdSysfs& sysfs) { return merge_raid_array("md0", nullptr, &sysfs).value(); }

}  // namespace

TEST_CASE("An array that neither source knows, or that is an empty device, is none") {
  CHECK_FALSE(merge_raid_array("md0", nullptr, nullptr));
  auto sysfs = healthy_raid1();
  sysfs.array_state = "clear";
  CHECK_FALSE(merge_raid_array("md0", nullptr, &sysfs));
  sysfs.array_state.reset();
  CHECK_FALSE(merge_raid_array("md0", nullptr, &sysfs));
}

TEST_CASE("Without its state sysfs is as good as not there") {
  const auto mdstat = mdstat_of("md0 : active raid1 sda[0]\n      8 blocks [2/1] [U_]\n");
  auto sysfs = healthy_raid1();
  sysfs.array_state.reset();
  const auto array = merge_raid_array("md0", &mdstat, &sysfs).value();
  CHECK(array.state == "active");
  CHECK(array.degraded_disks == 1U);
}

TEST_CASE("A volume whose container must not be changed is still a volume") {
  auto sysfs = healthy_raid1();
  for (const auto& [metadata, container] :
       {std::pair("external:imsm", true), std::pair("external:ddf", true),
        std::pair("external:/md127/0", false), std::pair("external:-md127/0", false),
        std::pair("1.2", false)}) {
    sysfs.metadata_version = metadata;
    CHECK(merged(sysfs).container == container);
  }
}

TEST_CASE("An inactive array that may be a container is neither usable nor not") {
  MdstatArray mdstat;
  mdstat.name = "md127";
  mdstat.state = "inactive";
  const auto array = merge_raid_array("md127", &mdstat, nullptr).value();
  CHECK_FALSE(array.container);
  CHECK_FALSE(array.verdict.usable);
  CHECK(from_mdstat("md0 : inactive sda[0](S)\n      8 blocks super 1.2\n").verdict.usable ==
        false);
  CHECK_FALSE(
      from_mdstat("md0 : inactive sda[0](S)\n      8 blocks super external:imsm\n").verdict.usable);
}

TEST_CASE("An inactive array has no size and no disks in roles") {
  const auto array = from_mdstat("md0 : inactive sda[0](S)\n      8 blocks super 1.2\n");
  CHECK_FALSE(array.size_bytes);
  CHECK_FALSE(array.disks.spare);
  CHECK(array.members.at(0).states.at("spare"));
}

TEST_CASE("A vanished device counts as lost although md still calls it in sync") {
  auto sysfs = healthy_raid1();
  sysfs.members[1].device_present = false;
  auto array = merged(sysfs);
  CHECK(array.verdict.usable == true);
  CHECK(array.disks.active == 1U);
  CHECK(array.disks.missing == 1U);
  sysfs.members[0].device_present = false;
  CHECK(merged(sysfs).verdict.usable == false);
  sysfs.members[0].device_present.reset();  // cannot be told: no reason to doubt md
  CHECK(merged(sysfs).verdict.usable == true);
}

TEST_CASE("A member whose slot or flags were not read leaves the array untold") {
  auto sysfs = healthy_raid1();
  sysfs.members[1].role = MdSysfsMember::Role::unknown;
  auto array = merged(sysfs);
  CHECK_FALSE(array.verdict.usable);
  CHECK_FALSE(array.disks.active);
  CHECK_FALSE(array.disks.missing);
  CHECK(array.degraded_disks == 0U);
  sysfs = healthy_raid1();
  sysfs.members[1].state_known = false;
  CHECK_FALSE(merged(sysfs).verdict.usable);
  CHECK(merged(sysfs).members.at(1).states.empty());
}

TEST_CASE("A broken array is not usable, whichever source says so") {
  auto sysfs = healthy_raid1();
  auto mdstat = mdstat_of("md0 : broken raid1 sdb[1] sda[0]\n      8 blocks [2/2] [UU]\n");
  sysfs.array_state = "readonly";
  CHECK(merge_raid_array("md0", &mdstat, &sysfs).value().verdict.usable == false);
  mdstat.state = "active";
  CHECK(merge_raid_array("md0", &mdstat, &sysfs).value().verdict.usable == true);
  sysfs.array_state = "broken";
  CHECK(merge_raid_array("md0", &mdstat, &sysfs).value().verdict.usable == false);
}

TEST_CASE("More working disks than required are no degraded disks, not minus one") {
  const auto array =
      from_mdstat("md0 : active raid1 sdc[2] sdb[1] sda[0]\n      8 blocks [2/3] [UU]\n");
  CHECK_FALSE(array.degraded_disks);
  CHECK(array.disks_required == 2U);
}

TEST_CASE("mdstat alone does not say that an array is idle, nor what a delayed sync will be") {
  CHECK_FALSE(from_mdstat("md0 : active raid1 sda[0]\n      8 blocks [2/1] [U_]\n").sync.action);
  const auto delayed =
      from_mdstat("md0 : active raid1 sda[0]\n      8 blocks [2/1] [U_]\n      \tresync=DELAYED\n");
  CHECK_FALSE(delayed.sync.action);
  CHECK(delayed.sync.delayed == true);
  CHECK(delayed.sync.pending == false);
}

TEST_CASE("A line that was not understood may have said what the array waits for") {
  auto mdstat =
      mdstat_of("md0 : active raid1 sda[0]\n      8 blocks [2/1] [U_]\n      \tresync=D\n");
  CHECK_FALSE(merge_raid_array("md0", &mdstat, nullptr).value().sync.delayed);
  const auto sysfs = healthy_raid1();
  CHECK(merge_raid_array("md0", &mdstat, &sysfs).value().sync.delayed == false);
}

TEST_CASE("The speed of a sync that is over is not shown") {
  CHECK_FALSE(merged(healthy_raid1()).sync.speed_bytes_per_second);
}

TEST_CASE(
    "sysfs alone: a position beyond the end is none, and what is left follows from the speed") {
  auto sysfs = healthy_raid1();
  sysfs.sync_action = "resync";
  sysfs.sync_completed = MdPosition{1000, 3000};
  sysfs.sync_speed_kib_per_second = 100;
  CHECK(merged(sysfs).sync.progress_ratio == 1000.0 / 3000.0);
  CHECK(merged(sysfs).sync.remaining_seconds == 10.0);
  sysfs.sync_speed_kib_per_second = 0;
  CHECK_FALSE(merged(sysfs).sync.remaining_seconds);
  CHECK(merged(sysfs).sync.speed_bytes_per_second == 0.0);
  sysfs.sync_completed = MdPosition{4000, 3000};
  CHECK_FALSE(merged(sysfs).sync.progress_ratio);
  sysfs.sync_completed = MdPosition{0, 0};
  CHECK_FALSE(merged(sysfs).sync.progress_ratio);
}

TEST_CASE("RAID 10 with far sets cannot be judged by its neighbours") {
  CHECK_FALSE(
      from_mdstat(
          "md0 : active raid10 sdd[3] sdc[2] sdb[1]\n"
          "      8 blocks super 1.2 64K chunks 2 far-copies 2 devices per set [4/3] [_UUU]\n")
          .verdict.usable);
}

TEST_CASE("Mismatches belong to the action that counted them, and before any there are none") {
  auto sysfs = healthy_raid1();
  sysfs.mismatch_sectors = 256;
  CHECK_FALSE(merged(sysfs).mismatch);
  sysfs.last_sync_action = "none";
  CHECK_FALSE(merged(sysfs).mismatch);
  sysfs.last_sync_action = "repair";
  CHECK(merged(sysfs).mismatch->sectors == 256U);
  CHECK(merged(sysfs).mismatch->after == "repair");
}

TEST_CASE("A RAID 5 whose policy is a journal and whose journal has failed or gone is not usable") {
  auto sysfs = healthy_raid1();
  sysfs.level = "raid5";
  sysfs.consistency_policy = "journal";
  CHECK(merged(sysfs).verdict.usable == false);
  MdSysfsMember journal;
  journal.name = "sdc";
  journal.role = MdSysfsMember::Role::journal;
  journal.state_known = true;
  journal.flags = {"journal"};
  sysfs.members.push_back(journal);
  CHECK(merged(sysfs).verdict.usable == true);
  sysfs.members.back().device_present = false;
  CHECK(merged(sysfs).verdict.usable == false);
  sysfs.members.back().device_present = true;
  sysfs.members.back().flags = {"faulty", "journal"};
  CHECK(merged(sysfs).verdict.usable == false);
}

TEST_CASE("mdstat alone tells that an array is lost, and never that it is well") {
  const auto whole =
      from_mdstat("md0 : active raid1 sdb[1] sda[0]\n      8 blocks super 1.2 [2/2] [UU]\n");
  CHECK(whole.verdict == RaidAssessment{});  // its devices may have vanished
  CHECK_FALSE(whole.disks.active);
  CHECK(whole.disks.missing == 0U);
  const auto lost = from_mdstat(
      "md0 : active raid5 sda[0]\n      8 blocks super 1.2 level 5, 64k chunk, "
      "algorithm 2 [3/1] [U__]\n");
  CHECK(lost.verdict == RaidAssessment{false, 0U});
}

TEST_CASE("mdstat alone tells a journal that failed") {
  const std::string rest =
      " sdc[2] sdb[1] sda[0]\n      8 blocks super 1.2 level 5, 64k chunk, algorithm 2 [3/3] "
      "[UUU]\n";
  CHECK_FALSE(from_mdstat("md0 : active raid5 sdd[3](J)" + rest).verdict.usable);
  CHECK(from_mdstat("md0 : active raid5 sdd[3](J)(F)" + rest).verdict.usable == false);
}

TEST_CASE("Layouts have mdadm's names") {
  CHECK(raid_layout_name("raid5", 2) == "left-symmetric");
  CHECK(raid_layout_name("raid6", 0) == "left-asymmetric");
  CHECK(raid_layout_name("raid6", 99) == "99");
  CHECK(raid_layout_name("raid10", 258) == "near=2");
  CHECK(raid_layout_name("raid10", 513) == "far=2");
  CHECK(raid_layout_name("raid10", 66049) == "offset=2");
  CHECK(raid_layout_name("raid10", 514) == "near=2, far=2");
  CHECK(raid_layout_name("raid0", -1).empty());
  CHECK(raid_layout_name("raid0", 2) == "alternate");
  CHECK(raid_layout_name("raid1", 0).empty());
}

TEST_CASE("A size that no number of bytes can hold is absent and does not wrap around") {
  auto sysfs = healthy_raid1();
  sysfs.size_sectors = std::uint64_t{1} << 55;
  sysfs.component_size_kib = std::uint64_t{1} << 54;
  CHECK_FALSE(merged(sysfs).size_bytes);
  CHECK_FALSE(merged(sysfs).component_size_bytes);
  sysfs.size_sectors = (std::uint64_t{1} << 55) - 1;
  CHECK(merged(sysfs).size_bytes == 18446744073709551104U);
}

TEST_CASE("Synology's disk with an error serves in mdstat's eyes, and is no empty slot") {
  const auto array =
      from_mdstat("md0 : active raid1 sdb1[1](E)\n      2490176 blocks [2/1] [_E]\n");
  CHECK_FALSE(array.verdict.usable);
  CHECK(array.disks.missing == 1U);
}
