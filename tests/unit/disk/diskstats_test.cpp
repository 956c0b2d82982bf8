#include "disk/diskstats.h"

#include "support/catch.h"

using namespace rig;

namespace {

void check_sda(std::string_view text) {
  const auto diskstats = parse_diskstats(text);
  CHECK(diskstats.malformed.empty());
  REQUIRE(diskstats.devices.size() == 1);
  const DiskIo& sda = diskstats.devices[0];
  CHECK(sda.name == "sda");
  CHECK(sda.reads == 100);
  CHECK(sda.read_sectors == 808);
  CHECK(sda.read_milliseconds == 41);
  CHECK(sda.writes == 200);
  CHECK(sda.written_sectors == 1616);
  CHECK(sda.write_milliseconds == 42);
  CHECK(sda.in_progress == 3);
  CHECK(sda.busy_milliseconds == 60);
}

TEST_CASE("The first eleven values of a line are the same on all kernels") {
  check_sda("   8       0 sda 100 1 808 41 200 2 1616 42 3 60 83\n");                     // 4.17
  check_sda("   8       0 sda 100 1 808 41 200 2 1616 42 3 60 83 5 6 7 8\n");             // 4.18
  check_sda("   8       0 sda 100 1 808 41 200 2 1616 42 3 60 83 5 6 7 8 9 10\n");        // 5.5
  check_sda("   8       0 sda 100 1 808 41 200 2 1616 42 3 60 83 5 6 7 8 9 10 11 12\n");  // future
}

TEST_CASE("A truncated or malformed line affects its own device only") {
  const auto diskstats = parse_diskstats(
      "   8       0 sda 100 1 808 41 200 2 1616 42 3 60\n"
      "   8      16 sdb 100 1 x 41 200 2 1616 42 3 60 83\n"
      "   8      32 sdc -1 1 808 41 200 2 1616 42 3 60 83\n"
      "\n"
      "   8      48 sdd 1 0 8 0 0 0 0 0 0 0 0\n");
  CHECK(diskstats.malformed.size() == 4);
  REQUIRE(diskstats.devices.size() == 1);
  CHECK(diskstats.devices[0].name == "sdd");
}

TEST_CASE("A last line without a newline was truncated, perhaps within a number") {
  const auto diskstats = parse_diskstats(
      "   8       0 sda 100 1 808 41 200 2 1616 42 3 60 83\n"
      "   8      16 sdb 100 1 808 41 200 2 1616 42 3 60 8");
  CHECK(diskstats.devices.size() == 1);
  CHECK(diskstats.malformed.size() == 1);
}

TEST_CASE("Names may contain a slash, and counters may exceed 32 bits") {
  const auto diskstats =
      parse_diskstats(" 104 0 cciss/c0d0 1 0 18446744073709551615 0 5000000000 0 0 0 0 0 0\n");
  REQUIRE(diskstats.devices.size() == 1);
  CHECK(diskstats.devices[0].name == "cciss/c0d0");
  CHECK(diskstats.devices[0].read_sectors == 18446744073709551615ULL);
  CHECK(diskstats.devices[0].writes == 5000000000ULL);
}

TEST_CASE("A device with requests but without any time is not timed") {
  DiskIo io;
  CHECK(io.is_timed());
  io.writes = 1;
  CHECK_FALSE(io.is_timed());
  io.busy_milliseconds = 1;
  CHECK(io.is_timed());
}

}  // namespace
