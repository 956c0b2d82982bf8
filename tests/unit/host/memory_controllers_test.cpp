#include "host/memory_controllers.h"

#include <string>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("Only the controllers in the EDAC directory are read") {
  const TemporaryDirectory sys;
  const std::string directory = "devices/system/edac/mc/";
  sys.write(directory + "power/control", "auto\n");
  sys.write(directory + "mc/ce_count", "9\n");
  sys.write(directory + "mc1/ce_count", "3\n");
  sys.write(directory + "mc1/ce_noinfo_count", "2\n");
  sys.write(directory + "mc1/ue_count", "0\n");
  const auto found = read_memory_controllers(sys.path());
  CHECK(found.problems.empty());
  REQUIRE(found.controllers.size() == 1);
  CHECK(found.controllers[0].name == "mc1");
  CHECK(found.controllers[0].correctable == 3U);  // includes ce_noinfo_count
  CHECK(found.controllers[0].uncorrectable == 0U);
}

TEST_CASE("An unreadable EDAC count affects its own value only") {
  const TemporaryDirectory sys;
  const std::string directory = "devices/system/edac/mc/";
  sys.write(directory + "mc0/ce_count/is_a_directory", "");
  sys.write(directory + "mc0/ue_count", "1\n");
  sys.write(directory + "mc1/ce_count", "\n");
  sys.write(directory + "mc1/ue_count", "2\n");
  const auto found = read_memory_controllers(sys.path());
  CHECK(found.problems.size() == 2);
  REQUIRE(found.controllers.size() == 2);
  CHECK_FALSE(found.controllers[0].correctable);
  CHECK(found.controllers[0].uncorrectable == 1U);
  CHECK_FALSE(found.controllers[1].correctable);
  CHECK(found.controllers[1].uncorrectable == 2U);
}

TEST_CASE("A machine without EDAC driver has no controllers") {
  const TemporaryDirectory sys;
  const auto found = read_memory_controllers(sys.path());
  CHECK(found.controllers.empty());
  CHECK(found.problems.empty());
}
