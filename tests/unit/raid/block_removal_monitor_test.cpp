#include "raid/block_removal_monitor.h"

#include "support/catch.h"
#include "support/temporary_folder.h"

using rig::RemovalCounts;

TEST_CASE("Of all uevents only removals count, each device for itself") {
  RemovalCounts counts;
  for (const char* action : {"add", "change", "remove", "bind", "remove", ""})
    rig::count_removal(counts, action, "sdb");
  rig::count_removal(counts, "remove", "sdb1");
  CHECK(counts == RemovalCounts{{"sdb", 2}, {"sdb1", 1}});
}

TEST_CASE("A device with a slash in its name is counted under the name that md writes") {
  RemovalCounts counts;
  rig::count_removal(counts, "remove", "cciss!c0d0");
  CHECK(counts == RemovalCounts{{"cciss/c0d0", 1}});
}

TEST_CASE("Where the namespaces cannot be told no uevents are expected") {
  const TemporaryFolder folder;
  CHECK_FALSE(rig::uevents_arrive(folder.path()));
}
