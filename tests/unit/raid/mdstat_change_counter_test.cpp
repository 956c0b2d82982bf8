#include "raid/mdstat_change_counter.h"

#include <string>

#include "support/catch.h"

using rig::ChangeCounts;

namespace {

const std::string kUnused = "unused devices: <none>\n";

std::string raid1(const std::string& name, const std::string& members, const std::string& slots,
                  const std::string& more = "") {
  return name + " : active raid1 " + members + "\n      523264 blocks super 1.2 " + slots + "\n" +
         more + "\n";
}
const std::string kComplete = raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]");
const std::string kDegraded = raid1("md0", "sdb[1](F) sda[0]", "[2/1] [U_]");

// Changes of the arrays if mdstat has these contents one after the other.
ChangeCounts changes(const std::vector<std::string>& texts) {
  rig::MdstatChangeCounter counter;
  for (const std::string& text : texts)
    counter.update(rig::parse_mdstat("Personalities : [raid1] \n" + text + kUnused));
  return counter.counts();
}

}  // namespace

TEST_CASE("The first reading does not count as a change") {
  CHECK(changes({kComplete}) == ChangeCounts{{"md0", 0}});
}

TEST_CASE("Readings without differences do not count as changes") {
  CHECK(changes({kComplete, kComplete, kComplete}) == ChangeCounts{{"md0", 0}});
}

TEST_CASE("A failure, the rebuild and its end are one change each, and progress is none") {
  const auto rebuilt = [](const std::string& ratio, const std::string& blocks) {
    return raid1("md0", "sdc[2] sda[0]", "[2/1] [U_]",
                 "      [=>...................]  recovery =  " + ratio + "% (" + blocks +
                     "/523264) finish=0.4min speed=16352K/sec\n");
  };
  CHECK(changes({kComplete, kDegraded, rebuilt("6.2", "32704"), rebuilt("12.5", "65408"),
                 raid1("md0", "sdc[2] sda[0]", "[2/2] [UU]")}) == ChangeCounts{{"md0", 3}});
}

TEST_CASE("A change of the reason for waiting, and the end of waiting, are changes") {
  CHECK(changes({raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]", "      \tresync=DELAYED\n"),
                 raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]", "      \tresync=PENDING\n"),
                 kComplete}) == ChangeCounts{{"md0", 2}});
}

TEST_CASE("The number of bitmap pages is not a change") {
  CHECK(changes({raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]",
                       "      bitmap: 0/1 pages [0KB], 65536KB chunk\n"),
                 raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]",
                       "      bitmap: 1/1 pages [4KB], 65536KB chunk\n")}) ==
        ChangeCounts{{"md0", 0}});
}

TEST_CASE("Stopping and reassembling an array are two changes") {
  CHECK(changes({kComplete, "", kComplete}) == ChangeCounts{{"md0", 2}});
}

TEST_CASE("Creating an array is one change of that array only") {
  CHECK(changes({kComplete, kComplete + raid1("md1", "sdd[1] sdc[0]", "[2/2] [UU]")}) ==
        ChangeCounts{{"md0", 0}, {"md1", 1}});
}

TEST_CASE("A malformed array is compared with its last well-formed reading") {
  const std::string malformed = "md0 : active raid1 sdb[1 sda\n      blocks\n\n";
  REQUIRE_FALSE(rig::parse_mdstat(malformed + kUnused).arrays.at(0).well_formed);
  CHECK(changes({kComplete, malformed, kComplete}) == ChangeCounts{{"md0", 0}});
  CHECK(changes({kComplete, malformed, kDegraded}) == ChangeCounts{{"md0", 1}});
}

TEST_CASE("An array does not count as gone while other lines are malformed") {
  const std::string malformed = "<<<\n";
  const auto parsed = rig::parse_mdstat(malformed + kUnused);
  REQUIRE(parsed.problems.size() == 1);
  REQUIRE(parsed.problems[0].array.empty());
  CHECK(changes({kComplete, malformed, kComplete}) == ChangeCounts{{"md0", 0}});
}
