#include "raid/expected_arrays.h"

#include "support/catch.h"

using namespace rig;

namespace {

using Labels = std::set<std::string>;
using Conf = std::vector<MdadmConfArray>;

}  // namespace

TEST_CASE("Arrays named in the settings or mdadm.conf are absent from the start") {
  ExpectedArrays expected({"md3"});
  const Conf conf{{"/dev/md/0", "a", ""}, {"/dev/md/data", "b", ""}, {"", "", "rig:home"}};
  CHECK(expected.absent({}, conf, true) == Labels{"md0", "md3", "md/data", "md/home"});
  CHECK(expected.absent({{"md0", "a", ""}, {"md3", "", ""}}, {conf[0]}, true).empty());
}

TEST_CASE("An array that was present is absent while it is gone") {
  ExpectedArrays expected({});
  CHECK(expected.absent({{"md0", "a", ""}}, {}, true).empty());
  CHECK(expected.absent({}, {}, true) == Labels{"md0"});
  CHECK(expected.absent({{"md0", "a", ""}}, {}, true).empty());
}

TEST_CASE("No array is absent while the list of arrays is incomplete") {
  ExpectedArrays expected({"md3"});
  expected.absent({{"md0", "a", ""}}, {}, true);
  CHECK(expected.absent({}, {}, false).empty());
}

TEST_CASE("An array that reappears under another name is not absent under the old one") {
  ExpectedArrays expected({});
  expected.absent({{"md127", "a", ""}}, {}, true);
  CHECK(expected.absent({{"md0", "a", ""}}, {}, true).empty());
  CHECK(expected.absent({}, {}, true) == Labels{"md0"});
}

TEST_CASE("Two arrays that swap names are both present") {
  ExpectedArrays expected({});
  expected.absent({{"md0", "a", ""}, {"md1", "b", ""}}, {}, true);
  CHECK(expected.absent({{"md0", "b", ""}, {"md1", "a", ""}}, {}, true).empty());
  CHECK(expected.absent({{"md0", "b", ""}}, {}, true) == Labels{"md1"});
}

TEST_CASE("An array in mdadm.conf is found by its UUID, and absent under its last kernel name") {
  ExpectedArrays expected({});
  const Conf conf{{"/dev/md/data", "a", ""}};
  CHECK(expected.absent({{"md127", "a", ""}}, conf, true).empty());
  CHECK(expected.absent({}, conf, true) == Labels{"md127"});
}

TEST_CASE("An expected name is found through udev's link, even after the link was removed") {
  ExpectedArrays expected({"md/data"});
  CHECK(expected.absent({{"md127", "a", "md/data"}}, {}, true).empty());
  CHECK(expected.absent({{"md127", "a", ""}}, {}, true).empty());
  CHECK(expected.absent({}, {}, true) == Labels{"md127"});
  CHECK(ExpectedArrays({"md/home"}).absent({{"md_home", "a", ""}}, {}, true).empty());
}

TEST_CASE("An outdated UUID in mdadm.conf does not make the re-created array absent") {
  ExpectedArrays expected({});
  CHECK(expected.absent({{"md0", "new", ""}}, {{"/dev/md0", "old", ""}}, true).empty());
}

TEST_CASE("An expected array is not absent if a present one without a UUID may be it") {
  ExpectedArrays expected({});
  const Conf imsm{{"/dev/md/imsm0", "c", ""}, {"/dev/md/vol0", "v", ""}};
  CHECK(expected.absent({{"md126", "", ""}, {"md127", "", ""}}, imsm, true).empty());
  CHECK(ExpectedArrays({}).absent({{"md0", "a", ""}}, imsm, true) == Labels{"md/imsm0", "md/vol0"});
}

TEST_CASE("A new array without a UUID does not hide that another one is gone") {
  ExpectedArrays expected({});
  expected.absent({{"md0", "a", ""}}, {}, true);
  CHECK(expected.absent({{"md127", "", ""}}, {}, true) == Labels{"md0"});
}

TEST_CASE("An array without a UUID that was present together with the absent one is another one") {
  ExpectedArrays expected({});
  const Conf conf{{"/dev/md0", "a", ""}};
  expected.absent({{"md0", "a", ""}, {"md127", "", ""}}, conf, true);
  CHECK(expected.absent({{"md127", "", ""}}, conf, true) == Labels{"md0"});
}

TEST_CASE("An array whose UUID is temporarily unreadable is still recognized") {
  ExpectedArrays expected({});
  const Conf conf{{"/dev/md/data", "a", ""}};
  expected.absent({{"md127", "a", ""}}, conf, true);
  CHECK(expected.absent({{"md127", "", ""}}, conf, true).empty());
  CHECK(expected.absent({{"md0", "a", ""}}, conf, true).empty());
}
