// Disks that vanish, hang, are replaced, or report malformed values.
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

#include "raid/member_disks.h"
#include "raid/member_disks_fixture.h"
#include "raid/raid_host.h"
#include "support/catch.h"
#include "support/failing_read.h"
#include "support/opened_files.h"

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// Timeout of a collection with a read that hangs; others take far less.
constexpr auto kTimeout = 2s;

std::size_t count_threads() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/task")) ++count;
  return count;
}

}  // namespace

TEST_CASE("A vanished disk has no values but keeps its identity while the array lists it") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_sata_disk("sdb", "5002538f00000002");
  host.add_array("md0", {"sda", "sdb"});
  RaidHost collector(host.path());
  const auto identity =
      info_series("sdb", "Samsung SSD 870", "5002538f00000002", "0x5002538f00000002");
  CHECK(collector.collect()[identity] == 1.0);

  fs::remove_all(host.directory("sdb"));
  for (int i = 0; i < 3; ++i) {
    const auto got = collector.collect();
    CHECK(got.problems.empty());
    CHECK(got[identity] == 1.0);
    CHECK(got[member_series("present", "sdb")] == 0.0);
    CHECK_FALSE(got[member_series("device_online", "sdb")]);
    CHECK_FALSE(got[member_series("io_errors_total", "sdb")]);
    CHECK_FALSE(got[member_series("temperature_celsius", "sdb")]);
    CHECK(got[member_series("temperature_celsius", "sda")] == 34.0);
  }

  const auto member = host.directory("md0") / "md/dev-sdb";
  fs::rename(member, host.path() / "away");
  CHECK(collector.collect().count("rig_raid_member_info{array=md0,member=sdb") == 0);
  fs::rename(host.path() / "away", member);
  CHECK(collector.collect()[info_series("sdb", "", "", "")] == 1.0);
}

TEST_CASE("The identity is read once, until the disk is replaced") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_array("md0", {"sda"});
  RaidHost collector(host.path());
  const auto first =
      info_series("sda", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001");
  CHECK(collector.collect()[first] == 1.0);
  OpenedFiles opened(host.path() / "sys");
  CHECK(collector.collect()[first] == 1.0);
  for (const auto& file : opened.take()) CHECK_THAT(file, !ContainsSubstring("model"));

  fs::rename(host.directory("sda"), host.path() / "gone");
  host.write("sda/serial", "another\n");
  fs::create_directory_symlink(host.path() / "sys/devices/scsi-sda",
                               host.directory("sda") / "device");
  CHECK(
      collector.collect()[info_series("sda", "Samsung SSD 870", "another", "0x5002538f00000001")] ==
      1.0);
}

TEST_CASE("While a disk hangs only its temperature is missing") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_sata_disk("sdb", "5002538f00000002");
  host.add_array("md0", {"sda", "sdb"});
  RaidHost collector(host.path());
  const auto expected = collector.collect();
  const auto fifo = host.root().make_fifo(host.temperature_file("sdb"));

  auto got = collector.collect(kTimeout);
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring("hwmon-sdb/temp1_input"));
  const auto threads_before = count_threads();
  for (int i = 0; i < 100; ++i) got = collector.collect();  // with a timeout of an hour
  CHECK(count_threads() < threads_before + 10);             // not one per collection
  for (const auto& [name, value] : expected.samples) {
    INFO(name);
    if (name == member_series("temperature_celsius", "sdb")) {
      CHECK_FALSE(got[name]);
    } else {
      CHECK(got[name] == value);
    }
  }

  release_fifo(fifo, "35000\n");
  host.root().write("spare", "35000\n");
  fs::rename(host.path() / "spare", fifo);
  while (!got[member_series("temperature_celsius", "sdb")]) {
    usleep(1000);
    got = collector.collect();
  }
  CHECK(got[member_series("temperature_celsius", "sdb")] == 35.0);
  CHECK(got.problems.empty());
}

TEST_CASE(
    "While a scan of the disks hangs the arrays are complete and the disks keep their identity") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_array("md0", {"sda"});
  RaidHost collector(host.path());
  CHECK(collector.collect().problems.empty());
  const auto fifo = host.root().make_fifo("sys/devices/scsi-sda/state");
  const auto got = collector.collect(kTimeout);
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring("block/md*/md/dev-*: read timed out"));
  CHECK(got.state("rig_raid_array_state", "md0") == "clean");
  CHECK(got[member_series("present", "sda")] == 1.0);
  CHECK(got[info_series("sda", "Samsung SSD 870", "5002538f00000001", "0x5002538f00000001")] ==
        1.0);
  CHECK_FALSE(got[member_series("device_online", "sda")]);
  CHECK_FALSE(got[member_series("temperature_celsius", "sda")]);
  release_fifo(fifo);
}

TEST_CASE("A malformed temperature or count is a problem of that disk only") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_sata_disk("sdb", "5002538f00000002");
  host.add_array("md0", {"sda", "sdb"});
  host.root().write(host.temperature_file("sda"), "warm\n");
  host.write("scsi-sda/ioerr_cnt", "0x\n");
  const auto got = RaidHost(host.path()).collect();
  REQUIRE(got.problems.size() == 2);
  CHECK_THAT(got.problems[0], ContainsSubstring("ioerr_cnt") && ContainsSubstring("0x"));
  CHECK_THAT(got.problems[1], ContainsSubstring("temp1_input") && ContainsSubstring("warm"));
  CHECK_FALSE(got[member_series("temperature_celsius", "sda")]);
  CHECK_FALSE(got[member_series("io_errors_total", "sda")]);
  CHECK(got[member_series("device_online", "sda")] == 1.0);
  CHECK(got[member_series("temperature_celsius", "sdb")] == 34.0);
}

TEST_CASE("A temperature that a disk never provides is absent, one that it stops providing fails") {
  DiskHost host;
  host.add_sata_disk("sda", "5002538f00000001");
  host.add_array("md0", {"sda"});
  RaidHost collector(host.path());
  const auto temperature = member_series("temperature_celsius", "sda");
  const auto file = fs::canonical(host.path() / host.temperature_file("sda"));
  const int error_number = GENERATE(ENODATA, EINVAL, EOPNOTSUPP, EPERM, ENODEV);
  {
    const FailingRead fails(file, error_number);
    for (int scrape = 0; scrape < 2; ++scrape) {
      const auto got = collector.collect();
      CHECK(got.problems.empty());
      CHECK_FALSE(got[temperature]);
    }
  }
  CHECK(collector.collect()[temperature] == 34.0);
  const FailingRead fails(file, error_number);
  CHECK(collector.collect().problems.size() == 1);
}
