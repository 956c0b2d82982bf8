#include "raid/block_removal_monitor.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using rig::RemovalCounts;

TEST_CASE("Only removals are counted, per device") {
  RemovalCounts counts;
  for (const char* action : {"add", "change", "remove", "bind", "remove", ""})
    rig::count_removal(counts, action, "sdb");
  rig::count_removal(counts, "remove", "sdb1");
  CHECK(counts == RemovalCounts{{"sdb", 2}, {"sdb1", 1}});
}

TEST_CASE("A slash in a device name is written as md writes it") {
  RemovalCounts counts;
  rig::count_removal(counts, "remove", "cciss!c0d0");
  CHECK(counts == RemovalCounts{{"cciss/c0d0", 1}});
}

TEST_CASE("No uevents are expected if the namespace cannot be determined") {
  const TemporaryDirectory directory;
  CHECK_FALSE(rig::receives_uevents(directory.path()));
  CHECK_FALSE(rig::BlockRemovalMonitor(directory.path()).is_active());
}
