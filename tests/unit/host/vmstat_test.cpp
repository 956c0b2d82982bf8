#include "host/vmstat.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("Only lines with an exactly matching name are parsed") {
  const auto vmstat = parse_vmstat(
      "pgpgin 11\n"
      "pswpin 3\n"
      "pswpout 4\n"
      "pgfault 999\n"
      "pgmajfault 5\n"
      "oom_kill 2\n"
      "zswpin 77\n"
      "pswpin_something 78\n");
  CHECK(vmstat.swapped_in_pages == 3.0);
  CHECK(vmstat.swapped_out_pages == 4.0);
  CHECK(vmstat.major_faults == 5.0);
  CHECK(vmstat.oom_kills == 2.0);
  CHECK(vmstat.malformed.empty());
}

TEST_CASE("Counters that the kernel does not report are absent") {
  const auto vmstat = parse_vmstat("pgmajfault 5\n");
  CHECK(vmstat.major_faults == 5.0);
  CHECK_FALSE(vmstat.swapped_in_pages);
  CHECK_FALSE(vmstat.swapped_out_pages);
  CHECK_FALSE(vmstat.oom_kills);
  CHECK(vmstat.malformed.empty());
}

TEST_CASE("A malformed count in vmstat affects its own line only") {
  const auto vmstat = parse_vmstat("pswpin\npswpout -1\npgmajfault 5 6\noom_kill 2\n");
  CHECK_FALSE(vmstat.swapped_in_pages);
  CHECK_FALSE(vmstat.swapped_out_pages);
  CHECK_FALSE(vmstat.major_faults);
  CHECK(vmstat.oom_kills == 2.0);
  CHECK(vmstat.malformed == std::vector<std::string>{"pswpin", "pswpout -1", "pgmajfault 5 6"});
}

TEST_CASE("Counters may exceed 32 bits") {
  CHECK(parse_vmstat("pgmajfault 4294967297\n").major_faults == 4294967297.0);
}

TEST_CASE("A vmstat that ends before pgmajfault is incomplete; kernels without swap are not") {
  const auto truncated = parse_vmstat("nr_free_pages 1\npgpgin 4\npswpin 34");
  CHECK_FALSE(truncated.swapped_in_pages);
  CHECK(truncated.missing == std::vector<std::string_view>{"pgmajfault"});
  CHECK(parse_vmstat("nr_free_pages 1\npgpgin 4\npgmajfault 2\n").missing.empty());
  // oom_kill, behind pgmajfault, is newer.
  CHECK(parse_vmstat("nr_kernel_misc_reclaimable 0\npgpgin 4\npgmajfault 2\n").missing ==
        std::vector<std::string_view>{"oom_kill"});
  // Without VM_EVENT_COUNTERS.
  CHECK(parse_vmstat("nr_free_pages 1\nnr_dirty_background_threshold 9\n").missing.empty());
  for (const char* text : {"", "nr_free_pages 1\n", "nr_free_pages 1\nnr_dirty_threshold 9\n"})
    CHECK(parse_vmstat(text).missing == std::vector<std::string_view>{"pgmajfault"});
}
