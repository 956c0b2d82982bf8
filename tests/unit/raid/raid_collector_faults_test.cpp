// Malformed files, reads that hang, and arrays that change while they are read.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "raid/raid_host.h"
#include "raid/rig_fixture.h"
#include "rig/kernel/files.h"
#include "support/catch.h"

using namespace std::chrono_literals;

namespace {

// On a loaded machine the task pool may start a few threads more, but not one per collection.
constexpr std::size_t kFewThreads = 10;

// Timeout of the first collection with a read that hangs; others take far less.
constexpr auto kScrapeTimeout = 2s;

std::size_t count_entries(const std::filesystem::path& directory) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory)) ++count;
  return count;
}
std::size_t threads_of_test() { return count_entries("/proc/self/task"); }
std::size_t count_descriptors() { return count_entries("/proc/self/fd"); }

// Replaces a FIFO by a file with `text`, and releases its reader.
void replace_fifo(const std::filesystem::path& fifo, const std::string& text) {
  const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);  // blocks until there is a reader
  REQUIRE(writer >= 0);
  std::filesystem::remove(fifo);
  std::ofstream(fifo) << text;
  close(writer);
}

std::string text_of(const std::filesystem::path& file) {
  return rig::read_text(file).get().value();
}

// Repeats until the hung tasks have finished.
Collected collect_until_complete(RaidHost& host) {
  while (true) {
    auto collected = host.collect();
    if (collected.problems.empty()) return collected;
    usleep(1000);
  }
}

// A collection during which `change` runs while `file` is being read.
Collected collect_while(const RigFixture& rig, const std::filesystem::path& file,
                        const std::function<void()>& change) {
  const auto fifo = rig.directory().make_fifo(file);
  std::thread changes([&] {
    const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);  // blocks until there is a reader
    change();
    close(writer);
  });
  auto got = RaidHost(rig.path()).collect();
  changes.join();
  return got;
}

const std::filesystem::path kMd = "sys/devices/virtual/block/md0/md";

}  // namespace

TEST_CASE("A malformed array in mdstat is read from sysfs, and the others are not affected") {
  const RigFixture rig("raid-zoo");
  const auto expected = RaidHost(rig.path()).collect();
  auto text = text_of(rig.path() / "proc/mdstat");
  const auto at = text.find("63488 blocks", text.find("md_recover"));
  rig.directory().write("proc/mdstat", text.replace(at, 5, "6?488"));
  const auto got = RaidHost(rig.path()).collect();
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring("proc/mdstat") && ContainsSubstring("md_recover"));
  for (const auto& [series, value] : expected.samples) {
    INFO(series);
    if (series.find("md_recover") == series.npos) CHECK(got[series] == value);
  }
  CHECK(got.state("rig_raid_sync_action", "md_recover") == "recover");
  CHECK(got["rig_raid_sync_progress_ratio{array=md_recover}"] == 3968.0 / 63488.0);
}

TEST_CASE("While mdstat hangs all arrays are read from sysfs, without more threads") {
  const RigFixture rig("md-5.10-raid10-halves");
  const auto text = text_of(rig.path() / "proc/mdstat");
  RaidHost host(rig.path());
  const auto expected = host.collect();
  const auto fifo = rig.directory().make_fifo("proc/mdstat");

  auto got = host.collect(kScrapeTimeout);
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring(fifo.string()));
  const auto threads_before = threads_of_test();
  const auto descriptors_before = count_descriptors();
  for (int i = 0; i < 100; ++i) got = host.collect();
  CHECK(threads_of_test() < threads_before + kFewThreads);
  CHECK(count_descriptors() == descriptors_before);
  for (const auto& [series, value] : expected.samples) {
    INFO(series);
    if (!series.ends_with("reason=remote}")) CHECK(got[series] == value);
  }

  replace_fifo(fifo, text);
  CHECK(collect_until_complete(host).samples == expected.samples);
}

TEST_CASE("An array without a state in sysfs is a problem if mdstat lists it") {
  const RigFixture rig("md-5.10-raid0-pulled");
  std::filesystem::remove(rig.path() / "sys/block/md0/md/array_state");
  RaidHost host(rig.path());
  const auto got = host.collect();
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring("sys/block/md0/md/array_state"));
}

TEST_CASE("While an md file hangs its array is read from mdstat, and the others are not affected") {
  const RigFixture rig("md-5.10-raid10-halves");
  RaidHost host(rig.path());
  const auto expected = host.collect();
  const auto fifo = rig.directory().make_fifo("sys/devices/virtual/block/md0/md/sync_completed");

  auto got = host.collect(kScrapeTimeout);
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring((rig.path() / "sys/block/md0").string()));
  const auto threads_before = threads_of_test();
  const auto descriptors_before = count_descriptors();
  for (int i = 0; i < 100; ++i) got = host.collect();
  CHECK(threads_of_test() < threads_before + kFewThreads);
  CHECK(count_descriptors() == descriptors_before);
  for (const auto& [series, value] : expected.samples) {
    INFO(series);
    if (series.find("array=md0") == series.npos) CHECK(got[series] == value);
  }
  CHECK_FALSE(got["rig_raid_array_usable{array=md0}"]);  // its disks may have vanished
  CHECK_FALSE(got["rig_raid_failures_tolerated{array=md0}"]);
  CHECK_FALSE(got["rig_raid_disks{array=md0,state=active}"]);
  CHECK(got["rig_raid_disks{array=md0,state=missing}"] == 2.0);
  // mdstat reports even a broken array as active.
  CHECK(got.count("rig_raid_array_state{array=md0") == 0);
  CHECK(got.count("rig_raid_member_present{array=md0") == 0);
  CHECK(got.count("rig_raid_array_info{array=md0") == 0);  // would be a different series
  CHECK(got.count("rig_raid_member_info{array=md0") == 0);

  replace_fifo(fifo, "none\n");
  CHECK(collect_until_complete(host).samples == expected.samples);
}

TEST_CASE("While both mdstat and an array in sysfs hang the number of arrays is unknown") {
  const RigFixture rig("rx6800x2-raid0");
  const auto mdstat = rig.directory().make_fifo("proc/mdstat");
  const auto state = rig.directory().make_fifo("sys/devices/virtual/block/md0/md/array_state");
  RaidHost host(rig.path());
  const auto got = host.collect(kScrapeTimeout);
  CHECK(got.samples.empty());
  CHECK(got.problems.size() == 2);
  release_fifo(mdstat);
  release_fifo(state);
}

TEST_CASE("An array that is stopped while it is read is absent and not a problem") {
  const RigFixture rig("rx6800x2-raid0");
  std::filesystem::remove(rig.path() / "proc/mdstat");
  const auto got = collect_while(
      rig, kMd / "uuid", [&] { std::filesystem::remove_all((rig.path() / kMd).parent_path()); });
  CHECK(got.problems.empty());
  CHECK(got.samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("A device that becomes empty while it is read is not an array") {
  const RigFixture rig("rx6800x2-raid0");
  const auto got = collect_while(rig, kMd / "uuid", [&] {
    std::filesystem::remove_all(rig.path() / kMd / "../slaves");
    std::ofstream(rig.path() / kMd / "array_state") << "clear\n";
  });
  CHECK(got.problems.empty());
  CHECK(got.samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("A member that is removed while it is read is not a member") {
  const RigFixture rig("md-5.10-raid5-building");
  const auto got = collect_while(rig, kMd / "dev-sdd/slot", [&] {
    std::filesystem::remove_all(rig.path() / kMd / "dev-sdd");
  });
  CHECK(got.problems.empty());
  CHECK(got["rig_raid_array_usable{array=md0}"] == 1.0);
  CHECK(got["rig_raid_disks{array=md0,state=spare}"] == 0.0);
  CHECK(got.count("rig_raid_member_present{array=md0,member=sdd}") == 0);
}
