#include "host/filesystem_usage.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("stat_filesystem returns the same sizes as df, and nothing for a missing directory") {
  const TemporaryDirectory files;
  const auto usage = stat_filesystem(files.path());
  REQUIRE(usage);
  const auto space = std::filesystem::space(files.path());
  CHECK(usage->size_bytes == static_cast<double>(space.capacity));
  CHECK(usage->free_bytes >= usage->available_bytes);
  CHECK_FALSE(stat_filesystem(files.path() / "gone"));
  CHECK_FALSE(stat_filesystem(files.write("file", "x")));
}
