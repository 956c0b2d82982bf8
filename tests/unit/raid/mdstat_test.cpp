#include "raid/mdstat.h"

#include <string>

#include "support/catch.h"

using namespace rig;

namespace {

constexpr std::string_view kCompleteFile =
    "Personalities : [raid0] [raid1] [raid10] [linear] [raid6] [raid5] [raid4] \n"
    "md127 : inactive sdc[2](S) sdb[1](S) sda[0](S)\n"
    "      3315 blocks super external:imsm\n"
    "       \n"
    "md3 : active raid5 sdm[4](S) sdl[3] sdk[1] sdj[0](F)\n"
    "      63488 blocks super 1.2 level 5, 64k chunk, algorithm 2 [3/2] [_UU]\n"
    "      [=>...................]  recovery =  9.5% (3200/31744) finish=0.4min speed=1066K/sec\n"
    "      bitmap: 1/1 pages [4KB], 65536KB chunk\n"
    "\n"
    "md2 : active raid10 sdh[3] sdg[2] sdf[1] sde[0]\n"
    "      63488 blocks super 1.2 64K chunks 2 near-copies [4/4] [UUUU]\n"
    "      \tresync=DELAYED\n"
    "      \n"
    "md0 : active (auto-read-only) raid0 sdb1[1] sda1[0]\n"
    "      126976 blocks super 1.2 512k chunks\n"
    "      \n"
    "unused devices: <none>\n";

const MdstatArray& only(const Mdstat& mdstat) {
  REQUIRE(mdstat.arrays.size() == 1);
  return mdstat.arrays[0];
}

Mdstat clean(std::string_view text) {
  auto mdstat = parse_mdstat(text);
  for (const auto& problem : mdstat.problems) INFO(problem.array << ": " << problem.problem.detail);
  CHECK(mdstat.problems.empty());
  return mdstat;
}

}  // namespace

TEST_CASE("A complete mdstat is parsed without problems") {
  const auto mdstat = clean(kCompleteFile);
  REQUIRE(mdstat.arrays.size() == 4);

  const MdstatArray& container = mdstat.arrays[0];
  CHECK(container.name == "md127");
  CHECK(container.state == "inactive");
  CHECK_FALSE(container.level);
  CHECK(container.members.size() == 3);
  CHECK(container.size_bytes == 3315U * 1024U);
  CHECK(container.metadata == "external:imsm");
  CHECK_FALSE(container.disks_required);

  const MdstatArray& raid5 = mdstat.arrays[1];
  CHECK(raid5.level == "raid5");
  CHECK(raid5.chunk_bytes == 65536U);
  CHECK(raid5.algorithm == 2U);
  CHECK(raid5.disks_required == 3U);
  CHECK(raid5.disks_working == 2U);
  CHECK(raid5.slots == "_UU");
  CHECK(raid5.bitmap == MdstatBitmap{1, 1, 65536U * 1024U, ""});
  REQUIRE(raid5.members.size() == 4);
  CHECK(raid5.members[0] == MdstatMember{"sdm", 4, false, false, false, true, false});
  CHECK(raid5.members[3] == MdstatMember{"sdj", 0, false, false, true, false, false});
  REQUIRE(raid5.progress);
  CHECK(raid5.progress->action == "recovery");
  CHECK(raid5.progress->ratio == 3200.0 / 31744.0);
  CHECK(raid5.progress->finish_minutes == 0.4);
  CHECK(raid5.progress->speed_kib_per_second == 1066U);

  const MdstatArray& raid10 = mdstat.arrays[2];
  CHECK(raid10.raid10 == MdstatRaid10{2, 1, false, std::nullopt});
  REQUIRE(raid10.waiting);
  CHECK(raid10.waiting->action == "resync");
  CHECK(raid10.waiting->reason == "delayed");

  const MdstatArray& raid0 = mdstat.arrays[3];
  CHECK(raid0.auto_read_only);
  CHECK_FALSE(raid0.read_only);
  CHECK(raid0.chunk_bytes == 512U * 1024U);
  CHECK(raid0.slots.empty());
}

TEST_CASE("Any word is accepted as the state, and a failed RAID 0 keeps its level and members") {
  const auto mdstat =
      clean("md0 : broken raid0 sdb[1] sda[0]\n      63488 blocks super 1.2 64k chunks\n");
  CHECK(only(mdstat).state == "broken");
  CHECK(only(mdstat).level == "raid0");
  CHECK(only(mdstat).members.size() == 2);
  CHECK(only(clean("md0 : melted (read-only) raid1 sda[0]\n      1 blocks [2/1] [U_]\n")).state ==
        "melted");
}

TEST_CASE("A member's flags can be combined in any way") {
  const auto mdstat = clean(
      "md0 : active raid5 sdf[5](W)(F) sde[4](J)(F) sdd[3](R) sdc[2](W)(S)(R) sdb[1](J) sda[0](X)\n"
      "      8 blocks level 5, 64k chunk, algorithm 2 [3/3] [UUU]\n");
  const auto& members = only(mdstat).members;
  REQUIRE(members.size() == 6);
  CHECK(members[0] == MdstatMember{"sdf", 5, true, false, true, false, false});
  CHECK(members[1] == MdstatMember{"sde", 4, false, true, true, false, false});
  CHECK(members[2] == MdstatMember{"sdd", 3, false, false, false, false, true});
  CHECK(members[3] == MdstatMember{"sdc", 2, true, false, false, true, true});
  CHECK(members[4] == MdstatMember{"sdb", 1, false, true, false, false, false});
  CHECK(members[5] == MdstatMember{"sda", 0, false, false, false, false, false});
}

TEST_CASE("An array without members is on one line") {
  const auto mdstat = clean(
      "md126 : active raid5 super 1.2 level 5, 64k chunk, algorithm 2 [4/0] [____]\n"
      "      \n"
      "md125 : active raid5 level 5, 64k chunk, algorithm 2 [4/0] [____]\n"
      "      \n"
      "md124 : inactive super 1.2\n"
      "       \n"
      "unused devices: <none>\n");
  REQUIRE(mdstat.arrays.size() == 3);
  for (const int i : {0, 1}) {
    const auto& array = mdstat.arrays[static_cast<std::size_t>(i)];
    CHECK(array.level == "raid5");
    CHECK(array.disks_required == 4U);
    CHECK(array.disks_working == 0U);
    CHECK(array.slots == "____");
    CHECK_FALSE(array.size_bytes);
  }
  CHECK_FALSE(mdstat.arrays[2].level);
  CHECK(mdstat.arrays[2].metadata == "1.2");
}

TEST_CASE("Array names other than md and a number are accepted") {
  const auto mdstat = clean(
      "md_home : active raid1 sdb[1] sda[0]\n      8 blocks super 1.2 [2/2] [UU]\n\n"
      "md_d0 : active raid1 sdd[1] sdc[0]\n      8 blocks super 1.2 [2/2] [UU]\n\n"
      "md_inactive : active linear md_home[1] md_d0[0]\n      8 blocks super 1.2 0k rounding\n");
  REQUIRE(mdstat.arrays.size() == 3);
  CHECK(mdstat.arrays[0].name == "md_home");
  CHECK(mdstat.arrays[1].name == "md_d0");
  CHECK(mdstat.arrays[2].name == "md_inactive");
  CHECK(mdstat.arrays[2].state == "active");
  CHECK(mdstat.arrays[2].members[0].name == "md_home");
}

TEST_CASE("Array names that contain md's keywords are accepted") {
  for (const std::string name : {"md_raid0", "md_linear", "md_check", "md_resync", "md_super"}) {
    const auto text =
        name + " : active raid1 " + name + "p2[1] sda[0]\n      8 blocks [2/1] [_U]\n";
    CHECK(only(clean(text)).name == name);
    CHECK(only(clean(text)).level == "raid1");
    CHECK(only(clean(text)).members.at(0).name == name + "p2");
    CHECK(only(clean(text)).slots == "_U");
  }
}

TEST_CASE("The percentage can have leading spaces") {
  for (const std::string_view percent : {"=  1.5%", "= 15.0%", "=100.0%", "=1.5%"}) {
    const auto text =
        "md0 : active raid1 sdb[1] sda[0]\n      200 blocks [2/2] [UU]\n"
        "      [>....................]  check " +
        std::string(percent) + " (30/200) finish=1.0min speed=1K/sec\n";
    CHECK(only(clean(text)).progress.value().ratio == 0.15);
  }
}

TEST_CASE("Without a position, the ratio follows from the percentage") {
  const auto mdstat = clean(
      "md0 : active raid1 sdb[1] sda[0]\n      200 blocks [2/2] [UU]\n"
      "      [=>...................]  resync = 12.5%\n");
  CHECK(only(mdstat).progress.value().ratio == 0.125);
}

TEST_CASE("The ratio is exact even if the percentage is rounded to 0.0") {
  const auto mdstat = clean(
      "md0 : active raid6 sda[0]\n      1 blocks level 6, 64k chunk, algorithm 2 [4/4] [UUUU]\n"
      "      [>....................]  reshape =  0.0% (512/7813894144) finish=25176161501.3min "
      "speed=0K/sec\n");
  const auto progress = only(mdstat).progress.value();
  CHECK(progress.ratio == 512.0 / 7813894144.0);
  CHECK(progress.finish_minutes == 25176161501.3);
  CHECK(progress.speed_kib_per_second == 0U);
}

TEST_CASE("A position that has wrapped around yields no ratio") {
  const auto mdstat = clean(
      "md0 : active raid1 sda[0]\n      1 blocks [2/2] [UU]\n"
      "      [>....................]  resync =999.9% (9223372036854775807/31744) finish=0.0min "
      "speed=-5K/sec\n");
  CHECK_FALSE(only(mdstat).progress.value().ratio);
  CHECK_FALSE(only(mdstat).progress->speed_kib_per_second);
}

TEST_CASE("Waiting syncs are indented by a tab, and remote ones have their action") {
  for (const std::string_view word : {"resync=PENDING", "recover=REMOTE", "reshape=REMOTE"}) {
    const auto text = "md0 : active raid1 sda[0]\n      1 blocks [2/2] [UU]\n      \t" +
                      std::string(word) + "\n      \n";
    const auto waiting = only(clean(text)).waiting.value();
    CHECK(waiting.action == word.substr(0, word.find('=')));
    CHECK(waiting.reason == (word.ends_with("REMOTE") ? "remote" : "pending"));
  }
}

TEST_CASE("Tabs separate words like spaces") {
  const auto mdstat =
      clean("md0\t:\tactive\traid1\tsdb[1]\tsda[0]\n\t8 blocks\tsuper 1.2 [2/2]\t[UU]\n");
  CHECK(only(mdstat).slots == "UU");
  CHECK(only(mdstat).members.size() == 2);
}

TEST_CASE("RAID 10 layouts, and a RAID 1 with more working disks than required") {
  const auto mdstat = clean(
      "md2 : active raid10 sdf[2] sde[1] sdd[0]\n"
      "      8 blocks super 1.2 3 near-copies [3/3] [UUU]\n\n"
      "md3 : active raid10 sdm[3] sdl[2] sdk[1] sdj[0]\n"
      "      8 blocks super 1.2 64K chunks 2 near-copies 2 far-copies [4/4] [UUUU]\n\n"
      "md1 : active raid10 sdc[1] sdb[0]\n"
      "      8 blocks super 1.2 64K chunks 2 offset-copies 2 devices per set [2/2] [UU]\n\n"
      "md0 : active raid1 sdi[2] sdh[1] sdg[0]\n      8 blocks super 1.2 [2/3] [UU]\n");
  CHECK(mdstat.arrays.at(0).raid10 == MdstatRaid10{3, 1, false, std::nullopt});
  CHECK_FALSE(mdstat.arrays[0].chunk_bytes);
  CHECK(mdstat.arrays.at(1).raid10 == MdstatRaid10{2, 2, false, std::nullopt});
  CHECK(mdstat.arrays.at(2).raid10 == MdstatRaid10{1, 2, true, 2});
  CHECK(mdstat.arrays.at(3).disks_required == 2U);
  CHECK(mdstat.arrays[3].disks_working == 3U);
}

TEST_CASE("The file can end right after the last array") {
  const auto mdstat = clean("md0 : active raid1 sda[0]\n      8 blocks super 1.2 [2/1] [U_]\n");
  CHECK(only(mdstat).slots == "U_");
}

TEST_CASE("Additional lines of 2.4 kernels are skipped") {
  const auto mdstat = clean(
      "Personalities : [raid1] \n"
      "read_ahead 1024 sectors\n"
      "Event: 2                   \n"
      "md0 : active raid1 hdb1[1] hda1[0]\n"
      "      1024 blocks [2/2] [UU]\n"
      "      \n"
      "unused devices: hdc1[0]\n");
  CHECK(only(mdstat).size_bytes == 1024U * 1024U);
}

TEST_CASE("Unknown words of a personality are skipped") {
  const auto mdstat = clean(
      "md1 : active raid0 sdb[1] sda[0]\n      8 blocks super 1.2 64k chunks 3 zones of new "
      "kind\n\n"
      "md0 : active faulty sdc[0]\n"
      "      8 blocks super non-persistent WriteTransient=3(2) ReadPersistent nfaults=2\n"
      "      newline: 3 of a later kernel\n"
      "      bitmap: 0/1 pages [0KB], 512B chunk, file: /var/bitmap\\040file\n");
  CHECK(mdstat.arrays.at(0).chunk_bytes == 65536U);
  CHECK(mdstat.arrays.at(1).level == "faulty");
  CHECK(mdstat.arrays.at(1).metadata == "non-persistent");
  CHECK(mdstat.arrays.at(1).bitmap == MdstatBitmap{0, 1, 512, "/var/bitmap\\040file"});
}
