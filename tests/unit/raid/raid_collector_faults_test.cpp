// What is mangled, hangs, or goes away while it is read.
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

// A loaded machine may make a crew call a thread or two more; one for each collection are too many.
constexpr std::size_t kFewThreads = 10;

// How long the first collection waits for what hangs; what does not hang needs far less.
constexpr auto kPatience = 2s;

std::size_t entries(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}
std::size_t threads() { return entries("/proc/self/task"); }
std::size_t descriptors() { return entries("/proc/self/fd"); }

// Puts `text` in a FIFO's place and lets go who hangs on it, so that nobody hangs again.
void replace_fifo(const std::filesystem::path& fifo, const std::string& text) {
  const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);  // waits for the reader
  REQUIRE(writer >= 0);
  std::filesystem::remove(fifo);
  std::ofstream(fifo) << text;
  close(writer);
}

std::string text_of(const std::filesystem::path& file) { return rig::read_file(file).value(); }

// Waits for a lane to come back, which nothing but the machine's load delays.
Collection collect_until_whole(RaidMachine& machine) {
  while (true) {
    auto collection = machine.collect();
    if (collection.problems.empty()) return collection;
    usleep(1000);
  }
}

// A collection during which something changes, once the file is being read.
Collection collect_while(const CopiedRig& rig, const std::filesystem::path& file,
                         const std::function<void()>& change) {
  const auto fifo = rig.folder().make_fifo(file);
  std::thread changes([&] {
    const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);  // waits for the reader
    change();
    close(writer);
  });
  auto got = RaidMachine(rig.path()).collect();
  changes.join();
  return got;
}

const std::filesystem::path kMd = "sys/devices/virtual/block/md0/md";

}  // namespace

TEST_CASE("A mangled array in mdstat costs no other, and sysfs still tells of it") {
  const CopiedRig rig("raid-zoo");
  const auto whole = RaidMachine(rig.path()).collect();
  auto text = text_of(rig.path() / "proc/mdstat");
  const auto at = text.find("63488 blocks", text.find("md_recover"));
  rig.folder().write("proc/mdstat", text.replace(at, 5, "6?488"));
  const auto got = RaidMachine(rig.path()).collect();
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring("proc/mdstat") && ContainsSubstring("md_recover"));
  for (const auto& [series, value] : whole.samples) {
    INFO(series);
    if (series.find("md_recover") == series.npos) CHECK(got[series] == value);
  }
  CHECK(got.state("rig_raid_sync_action", "md_recover") == "recover");
  CHECK(got["rig_raid_sync_progress_ratio{array=md_recover}"] == 3968.0 / 63488.0);
}

TEST_CASE("An mdstat that hangs leaves all arrays from sysfs, costs no threads, and recovers") {
  const CopiedRig rig("md-5.10-raid10-halves");
  const auto text = text_of(rig.path() / "proc/mdstat");
  RaidMachine machine(rig.path());
  const auto whole = machine.collect();
  const auto fifo = rig.folder().make_fifo("proc/mdstat");

  auto got = machine.collect(kPatience);
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring(fifo.string()));
  const auto threads_before = threads();
  const auto descriptors_before = descriptors();
  for (int i = 0; i < 100; ++i) got = machine.collect();
  CHECK(threads() < threads_before + kFewThreads);
  CHECK(descriptors() == descriptors_before);
  for (const auto& [series, value] : whole.samples) {
    INFO(series);
    if (!series.ends_with("reason=remote}")) CHECK(got[series] == value);
  }

  replace_fifo(fifo, text);
  CHECK(collect_until_whole(machine).samples == whole.samples);
}

TEST_CASE("An array whose state has gone from sysfs while mdstat lists it is a problem") {
  const CopiedRig rig("md-5.10-raid0-pulled");
  std::filesystem::remove(rig.path() / "sys/block/md0/md/array_state");
  RaidMachine machine(rig.path());
  const auto got = machine.collect();
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring("sys/block/md0/md/array_state"));
}

TEST_CASE("An md file that hangs leaves that array to mdstat and every other array whole") {
  const CopiedRig rig("md-5.10-raid10-halves");
  RaidMachine machine(rig.path());
  const auto whole = machine.collect();
  const auto fifo = rig.folder().make_fifo("sys/devices/virtual/block/md0/md/sync_completed");

  auto got = machine.collect(kPatience);
  REQUIRE(got.problems.size() == 1);
  CHECK_THAT(got.problems[0], ContainsSubstring((rig.path() / "sys/block/md0").string()));
  const auto threads_before = threads();
  const auto descriptors_before = descriptors();
  for (int i = 0; i < 100; ++i) got = machine.collect();
  CHECK(threads() < threads_before + kFewThreads);
  CHECK(descriptors() == descriptors_before);
  for (const auto& [series, value] : whole.samples) {
    INFO(series);
    if (series.find("array=md0") == series.npos) CHECK(got[series] == value);
  }
  CHECK_FALSE(got["rig_raid_array_usable{array=md0}"]);  // whether its disks are there, who knows
  CHECK_FALSE(got["rig_raid_failures_tolerated{array=md0}"]);
  CHECK_FALSE(got["rig_raid_disks{array=md0,state=active}"]);
  CHECK(got["rig_raid_disks{array=md0,state=missing}"] == 2.0);
  CHECK(got.state("rig_raid_array_state", "md0") == "active");
  CHECK(got.count("rig_raid_member_present{array=md0") == 0);
  CHECK(got.count("rig_raid_array_info{array=md0") == 0);  // would be another series
  CHECK(got.count("rig_raid_member_info{array=md0") == 0);

  replace_fifo(fifo, "none\n");
  CHECK(collect_until_whole(machine).samples == whole.samples);
}

TEST_CASE("With mdstat and an array's folder both out nobody counts the arrays") {
  const CopiedRig rig("rx6800x2-raid0");
  const auto mdstat = rig.folder().make_fifo("proc/mdstat");
  const auto state = rig.folder().make_fifo("sys/devices/virtual/block/md0/md/array_state");
  RaidMachine machine(rig.path());
  const auto got = machine.collect(kPatience);
  CHECK(got.samples.empty());
  CHECK(got.problems.size() == 2);
  release_fifo(mdstat);
  release_fifo(state);
}

TEST_CASE("An array that is stopped while it is being read is absent, not a problem") {
  const CopiedRig rig("rx6800x2-raid0");
  std::filesystem::remove(rig.path() / "proc/mdstat");
  const auto got = collect_while(
      rig, kMd / "uuid", [&] { std::filesystem::remove_all((rig.path() / kMd).parent_path()); });
  CHECK(got.problems.empty());
  CHECK(got.samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("An array that becomes an empty device while it is being read is no array") {
  const CopiedRig rig("rx6800x2-raid0");
  const auto got = collect_while(rig, kMd / "uuid", [&] {
    std::filesystem::remove_all(rig.path() / kMd / "../slaves");
    std::ofstream(rig.path() / kMd / "array_state") << "clear\n";
  });
  CHECK(got.problems.empty());
  CHECK(got.samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("A member that is removed while it is being read is no member") {
  const CopiedRig rig("md-5.10-raid5-building");
  const auto got = collect_while(rig, kMd / "dev-sdd/slot", [&] {
    std::filesystem::remove_all(rig.path() / kMd / "dev-sdd");
  });
  CHECK(got.problems.empty());
  CHECK(got["rig_raid_array_usable{array=md0}"] == 1.0);
  CHECK(got["rig_raid_disks{array=md0,state=spare}"] == 0.0);
  CHECK(got.count("rig_raid_member_present{array=md0,member=sdd}") == 0);
}
