#include "raid/raid_event_metrics.h"

#include <array>

#include "support/catch.h"
#include "support/series.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("A copy of another machine's files has no events") {
  const TemporaryDirectory directory;
  directory.write("proc/mdstat", "Personalities : \nunused devices: <none>\n");
  RootPaths paths;
  paths.proc = directory.path() / "proc";
  RaidEventCounters counters(paths);
  std::array<RaidArray, 1> arrays;
  arrays[0].name = "md0";
  Samples samples;
  counters.add(samples, arrays, true);
  CHECK(series(samples).empty());
  CHECK(samples.problems().empty());
}
