// Text that md does not write: malformed, truncated, or from another driver.
#include <string>

#include "raid/mdstat.h"
#include "support/catch.h"

using namespace rig;

namespace {

constexpr std::string_view kCompleteText =
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

const MdstatArray& only_array(const Mdstat& mdstat) {
  REQUIRE(mdstat.arrays.size() == 1);
  return mdstat.arrays[0];
}

const MdstatArray* find(const Mdstat& mdstat, std::string_view name) {
  for (const auto& array : mdstat.arrays) {
    if (array.name == name) return &array;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("A malformed line affects only its own array") {
  const std::string good_before =
      "md9 : active raid1 sdy[1] sdx[0]\n      8 blocks [2/2] [UU]\n      \n";
  const std::string good_after = "md1 : active raid1 sdz[0]\n      8 blocks [2/1] [U_]\n      \n";
  const std::string header = "md5 : active raid1 sdb[1] sda[0]\n";
  const std::string status = "      16 blocks [2/2] [UU]\n";
  for (const std::string& malformed : {
           "md5 : active raid1 sdb[x] sda[0]\n" + status,
           "md5 : active raid1 sdb[1 sda[0]\n" + status,
           "md5 : active raid1 sdb[1](W sda[0]\n" + status,
           "md5 : active raid1 sdb[1] sd\n" + status,
           "md5 : active (auto-re\n" + status,
           "md5 :\n" + status,
           "md5 : [2/2]\n" + status,
           header + "      x6 blocks [2/2] [UU]\n",
           header + "      99999999999999999999 blocks [2/2] [UU]\n",
           header + "      16 blocks [2/x] [UU]\n",
           header + "      16 blocks [2/2] [UU\n",
           header + "      16 blocks super\n",
           header + "      16 blocks chunks\n",
           header + "      so say we all\n",
           header + status + "      [=>...]  resync = many% (1/2) finish=1min speed=1K/sec\n",
           header + status + "      [=>...]  resync = 1.0% (1/x) finish=1min speed=1K/sec\n",
           header + status + "      [=>...]  resync = 1.0% (1/2) finish=nanmin speed=1K/sec\n",
           header + status + "      [=>...]  resync = 1.0% (1/2) finish=1min speed=1\n",
           header + status + "      \tresync=DELA\n",
           header + status + status,
           header + status + "      bitmap:\n",
           header + status + "      bitmap: 2/1 pages [8KB], 64KB chunk\n",
           header + status + "      bitmap: x/1 pages [8KB], 64KB chunk\n",
           header + status + "      bitmap: 0/1 pages [0KB], 64 chunk\n",
           header + status + "      bitmap: 0/1 pages [0KB], 0KB chunk\n",
           header + status + "      bitmap: 0/1 pages [0KB], 18446744073709551615KB chunk\n",
           header + status + "      bitmap: 0/1 pages [0KB]\n",
           header + status + "      bitmap: 0/1 cows [0KB], 64KB chunk\n",
           header + status + "      bitmap: 0/1 pages [0KB], 64KB cheese\n",
       }) {
    INFO(malformed);
    const auto mdstat = parse_mdstat(good_before + malformed + "      \n" + good_after);
    CHECK(mdstat.arrays.size() == 3);
    REQUIRE(mdstat.problems.size() == 1);
    CHECK(mdstat.problems[0].array == "md5");
    REQUIRE(find(mdstat, "md5"));
    CHECK_FALSE(find(mdstat, "md5")->well_formed);
    CHECK_FALSE(find(mdstat, "md5")->bitmap);
    REQUIRE(find(mdstat, "md9"));
    CHECK(find(mdstat, "md9")->size_bytes == 8192U);
    CHECK(find(mdstat, "md9")->slots == "UU");
    CHECK(find(mdstat, "md9")->well_formed);
    REQUIRE(find(mdstat, "md1"));
    CHECK(find(mdstat, "md1")->slots == "U_");
    CHECK(find(mdstat, "md1")->well_formed);
  }
}

TEST_CASE("Lines after a malformed first line do not belong to the array above") {
  const auto mdstat = parse_mdstat(
      "md1 : active raid1 sdb[1] sda[0]\n"
      "md2 ; active raid1 sdd[1] sdc[0]\n"
      "      16 blocks [2/1] [U_]\n"
      "      [=>...]  check = 1.0% (1/2) finish=1min speed=1K/sec\n");
  CHECK_FALSE(only_array(mdstat).size_bytes);
  CHECK_FALSE(only_array(mdstat).progress);
  REQUIRE(mdstat.problems.size() == 1);
  CHECK(mdstat.problems[0].array.empty());
  CHECK_THAT(mdstat.problems[0].problem.detail, ContainsSubstring("md2 ; active"));
}

TEST_CASE("The first of two arrays with the same name is kept") {
  const auto mdstat = parse_mdstat(
      "md0 : active raid1 sda[0]\n      8 blocks [2/1] [U_]\n"
      "md0 : active raid1 sdb[0]\n      16 blocks [2/2] [UU]\n");
  CHECK(only_array(mdstat).slots == "U_");
  REQUIRE(mdstat.problems.size() == 1);
  CHECK(mdstat.problems[0].array == "md0");
  CHECK(mdstat.problems[0].problem.reason == Reason::duplicate);
}

TEST_CASE("The mdstat of Unraid's driver is one problem and no array") {
  const auto mdstat = parse_mdstat(
      "sbName=/boot/config/super.dat\nsbVersion=2.9.13\nmdState=STARTED\nmdNumDisks=4\n"
      "diskNumber.0=0\ndiskName.0=\ndiskState.0=7\nrdevName.0=sdb\n");
  CHECK(mdstat.arrays.empty());
  REQUIRE(mdstat.problems.size() == 1);
  CHECK(mdstat.problems[0].array.empty());
  CHECK_THAT(mdstat.problems[0].problem.detail,
             ContainsSubstring("sbName") && ContainsSubstring("7 other"));
}

TEST_CASE("An empty file is a problem because md always writes a first line") {
  CHECK(parse_mdstat("").problems.size() == 1);
  CHECK(parse_mdstat("\n").problems.size() == 1);
  CHECK(parse_mdstat("Personalities : \nunused devices: <none>\n").problems.empty());
}

TEST_CASE("Indented lines before the first array are one problem") {
  CHECK(parse_mdstat("      8 blocks [2/2] [UU]\n      more\n").problems.size() == 1);
}

TEST_CASE("A truncated file yields complete arrays, except the last one") {
  const auto complete = parse_mdstat(kCompleteText);
  for (std::size_t length = 0; length < kCompleteText.size(); ++length) {
    const auto part = parse_mdstat(kCompleteText.substr(0, length));
    REQUIRE(part.arrays.size() <= complete.arrays.size());
    // All arrays but the last one are complete.
    for (std::size_t i = 0; i + 1 < part.arrays.size(); ++i) {
      INFO(length);
      REQUIRE(part.arrays[i].well_formed);
      REQUIRE(part.arrays[i].members == complete.arrays[i].members);
      REQUIRE(part.arrays[i].slots == complete.arrays[i].slots);
      REQUIRE(part.arrays[i].size_bytes == complete.arrays[i].size_bytes);
    }
  }
}

TEST_CASE("Nothing is read from a last line without a newline, and more arrays may be missing") {
  const std::string begin = "md0 : active raid1 sda[0]\n";
  auto mdstat = parse_mdstat(begin + "      8192 blocks super 1.2 [2/1] [U_]");
  CHECK_FALSE(mdstat.arrays.at(0).size_bytes);
  CHECK_FALSE(mdstat.arrays[0].well_formed);
  CHECK_FALSE(mdstat.lists_all_arrays());
  mdstat = parse_mdstat(begin + "      8 blocks [2/1] [U_]\nmd12");
  REQUIRE(mdstat.arrays.size() == 1);
  CHECK(mdstat.arrays[0].well_formed);
  CHECK_FALSE(mdstat.lists_all_arrays());
  REQUIRE(mdstat.problems.size() == 1);
  CHECK(mdstat.problems[0].problem.detail == "truncated: the last line has no newline");
}

TEST_CASE("A single corrupted byte affects at most two arrays") {
  using namespace std::string_view_literals;
  constexpr auto kBytes = "\0\n\r\t :;[](){}=%/_,.-019SFUaz\x7f\x80\xff"sv;
  std::string text(kCompleteText);
  const auto count_well_formed = [](const Mdstat& mdstat) {
    std::size_t count = 0;
    for (const auto& array : mdstat.arrays) count += array.well_formed ? 1 : 0;
    return count;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char original = text[at];
    for (const char byte : kBytes) {
      text[at] = byte;
      const auto mdstat = parse_mdstat(text);
      // Without a newline, the first lines of two arrays or an array and its status are joined.
      if (count_well_formed(mdstat) + 2 < 4) FAIL("byte " << int{byte} << " at " << at);
    }
    text[at] = original;
  }
}

TEST_CASE("An mdstat that ends after a complete line may lack arrays") {
  const std::string text =
      "Personalities : [raid1] [raid0] \n"
      "md1 : active raid0 sdd[1] sdc[0]\n      16 blocks super 1.2 64k chunks\n      \n"
      "md0 : active raid1 sdb[1] sda[0]\n      8 blocks super 1.2 [2/2] [UU]\n      \n"
      "unused devices: <none>\n";
  CHECK(parse_mdstat(text).problems.empty());
  for (std::size_t end = text.find('\n'); end + 1 < text.size(); end = text.find('\n', end + 1)) {
    INFO(text.substr(0, end + 1));
    const auto mdstat = parse_mdstat(text.substr(0, end + 1));
    CHECK_FALSE(mdstat.lists_all_arrays());
    REQUIRE(mdstat.problems.size() == 1);
    CHECK(mdstat.problems[0].problem.detail == "incomplete: without the line unused devices");
  }
}
