#include "raid/raid_array.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "raid/raid_array_fixture.h"
#include "support/catch.h"

using namespace rig;
using namespace std::string_view_literals;

TEST_CASE("The metadata of a volume names its container") {
  for (const auto* container : {"external:imsm", "external:ddf"})
    CHECK(is_container_metadata(container));
  for (const auto* volume : {"external:/md127/0", "external:-md127/0", "1.2", "none", ""})
    CHECK_FALSE(is_container_metadata(volume));
}

TEST_CASE("A container has a description and members only") {
  auto sysfs = healthy_raid1();
  sysfs.metadata_version = "external:imsm";
  const auto array = array_in_sysfs(sysfs);
  CHECK(array.level == "container");
  CHECK(array.members.size() == 2);
  CHECK(array.state == "clean");
  CHECK_FALSE(array.size_bytes);
  CHECK_FALSE(array.disks_required);
  CHECK_FALSE(array.sync.action);
}

TEST_CASE("An inactive array has no size and no disks by role") {
  const auto array = array_in_mdstat("md0 : inactive sda[0](S)\n      8 blocks super 1.2\n");
  CHECK_FALSE(array.size_bytes);
  CHECK_FALSE(array.disks.spare);
  CHECK(std::ranges::count(array.members.at(0).states, std::pair("spare"sv, true)) == 1);
}

TEST_CASE("Only striped levels have a chunk size") {
  auto sysfs = healthy_raid1();
  sysfs.chunk_size_bytes = MdReshaped{65536, std::nullopt};
  CHECK_FALSE(array_in_sysfs(sysfs).chunk_bytes);
  sysfs.level = "raid0";
  CHECK(array_in_sysfs(sysfs).chunk_bytes == 65536U);
}
