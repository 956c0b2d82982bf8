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
const std::string kWhole = raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]");
const std::string kDegraded = raid1("md0", "sdb[1](F) sda[0]", "[2/1] [U_]");

// How often the arrays of these texts have changed, one text after the other.
ChangeCounts changes(const std::vector<std::string>& texts) {
  rig::MdstatChanges counted;
  for (const std::string& text : texts)
    counted.feed(rig::parse_mdstat("Personalities : [raid1] \n" + text + kUnused));
  return counted.counts();
}

}  // namespace

TEST_CASE("Arrays of the first reading have not changed") {
  CHECK(changes({kWhole}) == ChangeCounts{{"md0", 0}});
}

TEST_CASE("The wakes of a burst that say nothing new are no changes") {
  CHECK(changes({kWhole, kWhole, kWhole}) == ChangeCounts{{"md0", 0}});
}

TEST_CASE("A member that fails, the rebuild and its end are a change each; progress is none") {
  const auto rebuilt = [](const std::string& ratio, const std::string& blocks) {
    return raid1("md0", "sdc[2] sda[0]", "[2/1] [U_]",
                 "      [=>...................]  recovery =  " + ratio + "% (" + blocks +
                     "/523264) finish=0.4min speed=16352K/sec\n");
  };
  CHECK(changes({kWhole, kDegraded, rebuilt("6.2", "32704"), rebuilt("12.5", "65408"),
                 raid1("md0", "sdc[2] sda[0]", "[2/2] [UU]")}) == ChangeCounts{{"md0", 3}});
}

TEST_CASE("A sync that stops waiting has changed") {
  CHECK(changes({raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]", "      \tresync=DELAYED\n"),
                 raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]", "      \tresync=PENDING\n"),
                 kWhole}) == ChangeCounts{{"md0", 2}});
}

TEST_CASE("Pages of the bitmap come and go without a change") {
  CHECK(changes({raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]",
                       "      bitmap: 0/1 pages [0KB], 65536KB chunk\n"),
                 raid1("md0", "sdb[1] sda[0]", "[2/2] [UU]",
                       "      bitmap: 1/1 pages [4KB], 65536KB chunk\n")}) ==
        ChangeCounts{{"md0", 0}});
}

TEST_CASE("An array that is stopped and assembled again has changed twice") {
  CHECK(changes({kWhole, "", kWhole}) == ChangeCounts{{"md0", 2}});
}

TEST_CASE("An array that is made later has changed once, and the one beside it has not") {
  CHECK(changes({kWhole, kWhole + raid1("md1", "sdd[1] sdc[0]", "[2/2] [UU]")}) ==
        ChangeCounts{{"md0", 0}, {"md1", 1}});
}

TEST_CASE("An array whose lines make no sense for a moment is compared with what it was") {
  const std::string senseless = "md0 : active raid1 sdb[1 sda\n      blocks\n\n";
  REQUIRE_FALSE(rig::parse_mdstat(senseless + kUnused).arrays.at(0).understood);
  CHECK(changes({kWhole, senseless, kWhole}) == ChangeCounts{{"md0", 0}});
  CHECK(changes({kWhole, senseless, kDegraded}) == ChangeCounts{{"md0", 1}});
}

TEST_CASE("No array is thought to have gone where lines belong to no array") {
  const std::string senseless = "<<<\n";
  const auto parsed = rig::parse_mdstat(senseless + kUnused);
  REQUIRE(parsed.problems.size() == 1);
  REQUIRE(parsed.problems[0].array.empty());
  CHECK(changes({kWhole, senseless, kWhole}) == ChangeCounts{{"md0", 0}});
}
