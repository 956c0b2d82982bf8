#include "raid/expected_arrays.h"

#include "rig/kernel/raid_array_label.h"
#include "support/catch.h"

using namespace rig;

namespace {

using Arrays = std::vector<RaidExpectation::Array>;
using Labels = std::set<std::string>;
using Conf = std::vector<MdadmConfArray>;

}  // namespace

TEST_CASE("A device is one array however it is written") {
  for (const char* name : {"md0", "/dev/md0", "/dev/md/0", "0", "/dev/md/md0"})
    CHECK(raid_array_label(name) == "md0");
  for (const char* name : {"data", "/dev/md/data", "md/data"})
    CHECK(raid_array_label(name) == "md/data");
  CHECK(raid_array_label("/dev/md_d0") == "md_d0");
  CHECK(raid_array_label("/dev/md_data") == "md_data");
  CHECK(raid_array_label("mdraid") == "md/mdraid");
}

TEST_CASE("A star at the end of a pattern stands for all that begin so") {
  CHECK(matches_array_label("md127", {"md0", "md12*"}));
  CHECK_FALSE(matches_array_label("md0", {"md12*", "md"}));
}

TEST_CASE("What the settings or mdadm.conf name and is not there is absent from the first look") {
  RaidExpectation expectation({"md3"});
  const Conf conf{{"/dev/md/0", "a", ""}, {"/dev/md/data", "b", ""}, {"", "", "rig:home"}};
  CHECK(expectation.absent({}, conf, true) == Labels{"md0", "md3", "md/data", "md/home"});
  CHECK(expectation.absent({{"md0", "a", ""}, {"md3", "", ""}}, {conf[0]}, true).empty());
}

TEST_CASE("What was seen is absent once it has gone, and only then") {
  RaidExpectation expectation({});
  CHECK(expectation.absent({{"md0", "a", ""}}, {}, true).empty());
  CHECK(expectation.absent({}, {}, true) == Labels{"md0"});
  CHECK(expectation.absent({{"md0", "a", ""}}, {}, true).empty());
}

TEST_CASE("Nothing is absent while the listing may lack arrays") {
  RaidExpectation expectation({"md3"});
  expectation.absent({{"md0", "a", ""}}, {}, true);
  CHECK(expectation.absent({}, {}, false).empty());
}

TEST_CASE("An array that comes back under another name leaves no phantom") {
  RaidExpectation expectation({});
  expectation.absent({{"md127", "a", ""}}, {}, true);
  CHECK(expectation.absent({{"md0", "a", ""}}, {}, true).empty());
  CHECK(expectation.absent({}, {}, true) == Labels{"md0"});
}

TEST_CASE("Two arrays that swap names are both there") {
  RaidExpectation expectation({});
  expectation.absent({{"md0", "a", ""}, {"md1", "b", ""}}, {}, true);
  CHECK(expectation.absent({{"md0", "b", ""}, {"md1", "a", ""}}, {}, true).empty());
  CHECK(expectation.absent({{"md0", "b", ""}}, {}, true) == Labels{"md1"});
}

TEST_CASE(
    "An array of mdadm.conf is there under any name by its UUID, and absent by the one seen") {
  RaidExpectation expectation({});
  const Conf conf{{"/dev/md/data", "a", ""}};
  CHECK(expectation.absent({{"md127", "a", ""}}, conf, true).empty());
  CHECK(expectation.absent({}, conf, true) == Labels{"md127"});
}

TEST_CASE("An expected name is found through udev's link, also after the link has gone") {
  RaidExpectation expectation({"md/data"});
  CHECK(expectation.absent({{"md127", "a", "md/data"}}, {}, true).empty());
  CHECK(expectation.absent({{"md127", "a", ""}}, {}, true).empty());
  CHECK(expectation.absent({}, {}, true) == Labels{"md127"});
  CHECK(RaidExpectation({"md/home"}).absent({{"md_home", "a", ""}}, {}, true).empty());
}

TEST_CASE("A line of mdadm.conf that outlived its array does not call the new one absent") {
  RaidExpectation expectation({});
  CHECK(expectation.absent({{"md0", "new", ""}}, {{"/dev/md0", "old", ""}}, true).empty());
}

TEST_CASE("Where an array without a UUID may be the expected one, nothing is said") {
  RaidExpectation expectation({});
  const Conf imsm{{"/dev/md/imsm0", "c", ""}, {"/dev/md/vol0", "v", ""}};
  CHECK(expectation.absent({{"md126", "", ""}, {"md127", "", ""}}, imsm, true).empty());
  CHECK(RaidExpectation({}).absent({{"md0", "a", ""}}, imsm, true) ==
        Labels{"md/imsm0", "md/vol0"});
}

TEST_CASE("An array without a UUID that comes does not hide that another has gone") {
  RaidExpectation expectation({});
  expectation.absent({{"md0", "a", ""}}, {}, true);
  CHECK(expectation.absent({{"md127", "", ""}}, {}, true) == Labels{"md0"});
}

TEST_CASE("An array without a UUID that was there beside the absent one is not taken for it") {
  RaidExpectation expectation({});
  const Conf conf{{"/dev/md0", "a", ""}};
  expectation.absent({{"md0", "a", ""}, {"md127", "", ""}}, conf, true);
  CHECK(expectation.absent({{"md127", "", ""}}, conf, true) == Labels{"md0"});
}

TEST_CASE("An array whose UUID cannot be read for a while stays itself") {
  RaidExpectation expectation({});
  const Conf conf{{"/dev/md/data", "a", ""}};
  expectation.absent({{"md127", "a", ""}}, conf, true);
  CHECK(expectation.absent({{"md127", "", ""}}, conf, true).empty());
  CHECK(expectation.absent({{"md0", "a", ""}}, conf, true).empty());
}
