#include "raid/raid_layout_name.h"

#include "support/catch.h"

using rig::raid_layout_name;

TEST_CASE("Layouts have the names that mdadm uses") {
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
