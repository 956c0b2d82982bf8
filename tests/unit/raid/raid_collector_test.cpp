#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "../catch.h"
#include "../temporary_folder.h"
#include "collection.h"
#include "rig/kernel_file.h"

using namespace std::chrono_literals;

namespace {

const std::filesystem::path kRigs = RIG_TEST_RIGS;

// A loaded machine may make a crew call a thread or two more; one for each collection are too many.
constexpr std::size_t kFewThreads = 10;

// How long the first collection waits for what hangs; what does not hang needs far less.
constexpr auto kPatience = 2s;

// A copy of a rig that a test may damage.
class CopiedRig {
 public:
  explicit CopiedRig(const std::string& rig) {
    using std::filesystem::copy_options;
    std::filesystem::copy(kRigs / rig, folder_.path(),
                          copy_options::recursive | copy_options::copy_symlinks);
  }
  std::filesystem::path path() const { return folder_.path(); }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
};

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

}  // namespace

TEST_CASE("md that was never loaded is a true 0") {
  const auto got = RaidMachine(kRigs / "no-gpu-no-raid").collect();
  CHECK(got.problems.empty());
  CHECK(got.samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("A machine that shows neither /proc nor /sys says nothing of arrays") {
  const TemporaryFolder folder;
  const auto got = RaidMachine(folder.path()).collect();
  CHECK(got.samples.empty());
  CHECK(got.problems.size() == 1);
}

TEST_CASE("A healthy RAID 0 is usable, and has no series of levels with redundancy") {
  for (const auto* rig : {"rx6800x2-raid0", "rx6800x2-raid0-busy"}) {
    const auto got = RaidMachine(kRigs / rig).collect();
    CHECK(got.problems.empty());
    CHECK(got["rig_raid_arrays"] == 1.0);
    CHECK(got["rig_raid_array_usable{array=md0}"] == 1.0);
    CHECK(got.state("rig_raid_array_state", "md0") == "clean");
    CHECK(got["rig_raid_array_size_bytes{array=md0}"] == 2000138797056.0);
    CHECK(got["rig_raid_disks_required{array=md0}"] == 2.0);
    CHECK(got["rig_raid_disks{array=md0,state=active}"] == 2.0);
    CHECK(got["rig_raid_disks{array=md0,state=missing}"] == 0.0);
    CHECK(got["rig_raid_member_present{array=md0,member=sdb}"] == 1.0);
    CHECK(got.count("rig_raid_degraded_disks") == 0);
    CHECK(got.count("rig_raid_sync") == 0);
  }
}

TEST_CASE("A RAID 0 that lost a disk is not usable, though mdstat says active and md in_sync") {
  const auto got = RaidMachine(kRigs / "rx6800x2-raid0-dead").collect();
  CHECK(got.problems.empty());
  CHECK(text_of(kRigs / "rx6800x2-raid0-dead/proc/mdstat") ==
        text_of(kRigs / "rx6800x2-raid0/proc/mdstat"));
  CHECK(got["rig_raid_array_usable{array=md0}"] == 0.0);
  CHECK(got.state("rig_raid_array_state", "md0") == "broken");
  CHECK(got["rig_raid_disks{array=md0,state=active}"] == 1.0);
  CHECK(got["rig_raid_disks{array=md0,state=missing}"] == 1.0);
  CHECK(got["rig_raid_member_present{array=md0,member=sda}"] == 1.0);
  CHECK(got["rig_raid_member_present{array=md0,member=sdb}"] == 0.0);
  CHECK(got["rig_raid_member_state{array=md0,member=sdb,state=in_sync}"] == 1.0);
}

TEST_CASE("A RAID 0 that lost a disk is not usable before any I/O tells md") {
  const CopiedRig rig("rx6800x2-raid0-dead");
  rig.folder().write("sys/devices/virtual/block/md0/md/array_state", "clean\n");
  CHECK(RaidMachine(rig.path()).collect()["rig_raid_array_usable{array=md0}"] == 0.0);
}

TEST_CASE("From mdstat alone nobody knows whether a RAID 0 lives, unless it says broken") {
  const TemporaryFolder folder;
  folder.write("proc/mdstat",
               "Personalities : [raid0] \n"
               "md1 : broken raid0 sdd[1] sdc[0]\n      63488 blocks super 1.2 64k chunks\n      \n"
               "md0 : active raid0 sdb[1] sda[0]\n      63488 blocks super 1.2 64k chunks\n      \n"
               "unused devices: <none>\n");
  const auto got = RaidMachine(folder.path()).collect();
  CHECK(got.problems.empty());
  CHECK(got["rig_raid_arrays"] == 2.0);
  CHECK_FALSE(got["rig_raid_array_usable{array=md0}"]);
  CHECK(got["rig_raid_array_usable{array=md1}"] == 0.0);
  CHECK(got.state("rig_raid_array_state", "md0") == "active");
  CHECK(got.state("rig_raid_array_state", "md1") == "broken");
  CHECK(got["rig_raid_array_size_bytes{array=md0}"] == 65011712.0);
  CHECK_FALSE(got["rig_raid_disks{array=md0,state=active}"]);
  CHECK(got.count("rig_raid_member_present") == 0);
}

TEST_CASE("The zoo: usable or not") {
  const auto got = RaidMachine(kRigs / "raid-zoo").collect();
  CHECK(got.problems.empty());
  CHECK(got["rig_raid_arrays"] == 37.0);
  const std::map<std::string, double> dead = {
      {"md_broken", 0},    {"md_pulled", 0},   {"md_dead5", 0},  {"md_dead_pair", 0},
      {"md_no_writes", 0}, {"md_inactive", 0}, {"md_journal", 0}};
  std::size_t arrays = 0;
  for (const auto& [series, value] : got.samples) {
    const std::string begin = "rig_raid_array_usable{array=";
    if (!series.starts_with(begin)) continue;
    ++arrays;
    const auto array = series.substr(begin.size(), series.size() - begin.size() - 1);
    INFO(array);
    CHECK(value == (dead.count(array) > 0 ? 0.0 : 1.0));
  }
  CHECK(arrays == 37);
}

TEST_CASE("The zoo: mismatches stand under what counted them") {
  const auto got = RaidMachine(kRigs / "raid-zoo").collect();
  CHECK(got["rig_raid_mismatch_sectors{after=check,array=md_check}"] == 128.0);
  CHECK(got["rig_raid_mismatch_sectors{after=repair,array=md_repair}"] == 256.0);
  CHECK(got["rig_raid_mismatch_sectors{after=other,array=md_recover}"] == 0.0);
  CHECK(got["rig_raid_mismatch_sectors{after=check,array=md_raid1}"] == 0.0);
  CHECK(got.count("rig_raid_mismatch_sectors{after=none") == 0);
}

TEST_CASE("The zoo: every state and every action shows as itself") {
  const auto got = RaidMachine(kRigs / "raid-zoo").collect();
  for (const auto& [array, state] :
       std::map<std::string, std::string>{{"md_raid0", "clean"},
                                          {"md_raid1", "active"},
                                          {"md_raid4", "active_idle"},
                                          {"md_raid6", "write_pending"},
                                          {"md_pending", "read_auto"},
                                          {"md_readonly", "readonly"},
                                          {"md_suspended", "suspended"},
                                          {"md_inactive", "inactive"},
                                          {"md127", "inactive"},
                                          {"md_broken", "broken"}}) {
    CHECK(got.state("rig_raid_array_state", array) == state);
  }
  for (const auto& [array, action] : std::map<std::string, std::string>{{"md_raid1", "idle"},
                                                                        {"md_resync", "resync"},
                                                                        {"md_recover", "recover"},
                                                                        {"md_check", "check"},
                                                                        {"md_repair", "repair"},
                                                                        {"md_reshape", "reshape"},
                                                                        {"md_grow", "reshape"},
                                                                        {"md_delayed", "check"},
                                                                        {"md_pending", "idle"},
                                                                        {"md_frozen", "frozen"}}) {
    CHECK(got.state("rig_raid_sync_action", array) == action);
  }
  for (const auto* level : {"md_raid0", "md_linear", "md_inactive", "md127"})
    CHECK(got.state("rig_raid_sync_action", level).empty());
  CHECK(got.state("rig_raid_sync_waiting", "md_delayed") == "delayed");
  CHECK(got.state("rig_raid_sync_waiting", "md_pending") == "pending");
  CHECK(got.state("rig_raid_sync_waiting", "md_remote") == "remote");
  CHECK(got.state("rig_raid_sync_waiting", "md_resync") == "?");  // three zeros
}

TEST_CASE("The zoo: progress is mdstat's, and a sync at speed 0 never ends") {
  const auto got = RaidMachine(kRigs / "raid-zoo").collect();
  CHECK(got["rig_raid_sync_progress_ratio{array=md_check}"] == 576.0 / 31744.0);
  CHECK(got["rig_raid_sync_speed_bytes_per_second{array=md_check}"] == 1344.0 * 1024);
  CHECK(got["rig_raid_sync_remaining_seconds{array=md_recover}"] == 0.4 * 60);
  CHECK(got["rig_raid_sync_speed_bytes_per_second{array=md_stalled}"] == 0.0);
  CHECK_FALSE(got["rig_raid_sync_remaining_seconds{array=md_stalled}"]);
  CHECK_FALSE(got["rig_raid_sync_progress_ratio{array=md_raid1}"]);
  CHECK_FALSE(got["rig_raid_sync_progress_ratio{array=md_delayed}"]);
  CHECK_FALSE(got["rig_raid_sync_speed_bytes_per_second{array=md_delayed}"]);
}

TEST_CASE("The zoo: disks by role") {
  const auto got = RaidMachine(kRigs / "raid-zoo").collect();
  const auto disks = [&](const std::string& array) {
    std::string text;
    for (const auto* state : {"active", "rebuilding", "spare", "faulty", "missing", "journal"}) {
      const auto count = got["rig_raid_disks{array=" + array + ",state=" + state + "}"];
      text += (text.empty() ? "" : " ") + (count ? std::to_string(static_cast<int>(*count)) : "-");
    }
    return text;
  };
  CHECK(disks("md_raid4") == "3 0 0 0 0 1");
  CHECK(disks("md_raid5") == "3 0 1 0 0 0");
  CHECK(disks("md_recover") == "2 1 0 1 0 0");
  CHECK(disks("md_replace") == "3 1 0 0 0 0");
  CHECK(disks("md_grow") == "3 1 0 0 1 0");
  CHECK(disks("md_degraded") == "1 0 0 0 1 0");
  CHECK(disks("md_frozen") == "1 0 1 0 1 0");
  CHECK(disks("md_dead_pair") == "2 0 0 0 2 0");
  CHECK(disks("md_errors") == "2 0 0 1 1 0");
  CHECK(disks("md_journal") == "3 0 0 1 0 0");
  CHECK(disks("md_inactive") == "- - - - - -");
  CHECK(disks("md127") == "- - - - - -");
}

TEST_CASE("The zoo: a container is described and not counted, an empty device is not there") {
  const auto got = RaidMachine(kRigs / "raid-zoo").collect();
  CHECK(got["rig_raid_array_info{array=md127,consistency_policy=unknown,layout=,level=container,"
            "metadata=external:imsm,name=,uuid=}"] == 1.0);
  CHECK_FALSE(got["rig_raid_array_usable{array=md127}"]);
  CHECK(got["rig_raid_array_usable{array=md126}"] == 1.0);
  CHECK(got.count("rig_raid_array_state{array=md_clear") == 0);
  CHECK(got["rig_raid_member_present{array=md_names,member=cciss/c0d0p1}"] == 1.0);
}

TEST_CASE("The zoo from mdstat alone says the same where mdstat can tell") {
  const CopiedRig rig("raid-zoo");
  const auto both = RaidMachine(rig.path()).collect();
  std::filesystem::remove_all(rig.path() / "sys");
  const auto alone = RaidMachine(rig.path()).collect();
  CHECK(alone.problems.empty());
  for (const auto* same :
       {"rig_raid_array_size_bytes", "rig_raid_disks_required", "rig_raid_degraded_disks",
        "rig_raid_sync_waiting", "rig_raid_sync_progress_ratio", "rig_raid_arrays"}) {
    CHECK(alone.count(same) > 0);
  }
  // What sysfs alone tells: a device that has gone, a repair, states finer than active.
  for (const auto& [series, value] : alone.samples) {
    INFO(series);
    if (series.find("md_dead_pair") != series.npos || series.starts_with("rig_raid_array_info") ||
        series.starts_with("rig_raid_member_info") ||  // mdstat tells no slots
        series.starts_with("rig_raid_array_state") ||
        (series.starts_with("rig_raid_sync_action") && series.find("md_repair") != series.npos))
      continue;
    CHECK(both[series] == value);
  }
  CHECK(alone["rig_raid_array_info{array=md_far,consistency_policy=,layout=far=2,level=raid10,"
              "metadata=1.2,name=,uuid=}"] == 1.0);
  CHECK_FALSE(alone["rig_raid_array_usable{array=md_pair}"]);
  CHECK_FALSE(alone["rig_raid_array_usable{array=md_grow}"]);
  CHECK(alone["rig_raid_array_usable{array=md_dead5}"] == 0.0);
  CHECK(alone["rig_raid_array_usable{array=md_inactive}"] == 0.0);
  CHECK_FALSE(alone["rig_raid_array_usable{array=md_pulled}"]);
  CHECK(alone.state("rig_raid_array_state", "md_readonly") == "readonly");
}

TEST_CASE("The zoo from sysfs alone says all but bitmaps and what waits for another node") {
  const CopiedRig rig("raid-zoo");
  const auto both = RaidMachine(rig.path()).collect();
  std::filesystem::remove(rig.path() / "proc/mdstat");
  const auto alone = RaidMachine(rig.path()).collect();
  CHECK(alone.problems.empty());
  for (const auto& [series, value] : both.samples) {
    INFO(series);
    if (series.ends_with("reason=remote}") || series.starts_with("rig_raid_bitmap")) {
      CHECK_FALSE(alone[series]);
    } else if (series.starts_with("rig_raid_sync_progress") ||
               series.starts_with("rig_raid_sync_remaining")) {
      CHECK(alone[series]);  // coarser
    } else {
      CHECK(alone[series] == value);
    }
  }
  CHECK(alone["rig_raid_sync_progress_ratio{array=md_repair}"] == 0.5);
}

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

TEST_CASE("An ignored array has no series, also when mdadm.conf has another name for it") {
  const CopiedRig rig("md-5.10-raid0");
  rig.folder().write("etc/mdadm/mdadm.conf",
                     "ARRAY /dev/md/data UUID=33345e67:0316d21e:dcdb083b:1aa82eb3\n");
  rig::Config config;
  config.raid.ignored = {"md0"};
  RaidMachine machine(rig.path(), config);
  CHECK(machine.collect().samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
  std::filesystem::remove_all(rig.path() / "sys/block/md0");
  std::filesystem::remove(rig.path() / "proc/mdstat");
  CHECK(machine.collect().samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("An array that was stopped is not present, not usable, and nothing else") {
  const CopiedRig rig("md-5.10-raid10-halves");
  RaidMachine machine(rig.path());
  CHECK(machine.collect()["rig_raid_arrays"] == 4.0);
  std::filesystem::remove_all(rig.path() / "sys/devices/virtual/block/md3");
  std::filesystem::remove(rig.path() / "sys/block/md3");
  std::filesystem::remove(rig.path() / "proc/mdstat");
  const auto got = machine.collect();
  CHECK(got.problems.empty());
  CHECK(got["rig_raid_arrays"] == 3.0);
  CHECK(got["rig_raid_array_present{array=md3}"] == 0.0);
  CHECK(got["rig_raid_array_usable{array=md3}"] == 0.0);
  std::size_t series_of_it = 0;
  for (const auto& [series, value] : got.samples)
    series_of_it += series.find("array=md3") == series.npos ? 0U : 1U;
  CHECK(series_of_it == 2);
}

TEST_CASE("An array that is stopped while it is being read is absent, not a problem") {
  const CopiedRig rig("rx6800x2-raid0");
  std::filesystem::remove(rig.path() / "proc/mdstat");
  const auto md0 = rig.path() / "sys/devices/virtual/block/md0";
  const auto fifo = rig.folder().make_fifo("sys/devices/virtual/block/md0/md/uuid");
  std::thread stop([&] {
    const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);  // waits for the reader
    std::filesystem::remove_all(md0);
    close(writer);
  });
  const auto got = RaidMachine(rig.path()).collect();
  stop.join();
  CHECK(got.problems.empty());
  CHECK(got.samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("An array that becomes an empty device while it is being read is no array") {
  const CopiedRig rig("rx6800x2-raid0");
  const auto md = rig.path() / "sys/devices/virtual/block/md0/md";
  const auto fifo = rig.folder().make_fifo("sys/devices/virtual/block/md0/md/uuid");
  std::thread stop([&] {
    const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
    std::filesystem::remove_all(md / "../slaves");
    std::ofstream(md / "array_state") << "clear\n";
    close(writer);
  });
  const auto got = RaidMachine(rig.path()).collect();
  stop.join();
  CHECK(got.problems.empty());
  CHECK(got.samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("A member that is removed while it is being read is no member") {
  const CopiedRig rig("md-5.10-raid5-building");
  const auto spare = rig.path() / "sys/devices/virtual/block/md0/md/dev-sdd";
  const auto fifo = rig.folder().make_fifo("sys/devices/virtual/block/md0/md/dev-sdd/slot");
  std::thread remove([&] {
    const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
    std::filesystem::remove_all(spare);
    close(writer);
  });
  const auto got = RaidMachine(rig.path()).collect();
  remove.join();
  CHECK(got.problems.empty());
  CHECK(got["rig_raid_array_usable{array=md0}"] == 1.0);
  CHECK(got["rig_raid_disks{array=md0,state=spare}"] == 0.0);
  CHECK(got.count("rig_raid_member_present{array=md0,member=sdd}") == 0);
}

TEST_CASE("Real arrays of kernel 5.10 say what mdadm said of them") {
  const auto collect = [](const std::string& rig) {
    auto got = RaidMachine(kRigs / ("md-5.10-" + rig)).collect();
    CHECK(got.problems.empty());
    return got;
  };

  const auto raid0 = collect("raid0");
  CHECK(raid0["rig_raid_array_info{array=md0,consistency_policy=none,layout=,level=raid0,"
              "metadata=1.2,name=,uuid=33345e67:0316d21e:dcdb083b:1aa82eb3}"] == 1.0);
  CHECK(raid0["rig_raid_array_usable{array=md0}"] == 1.0);
  const auto pulled = collect("raid0-pulled");
  CHECK(pulled["rig_raid_array_usable{array=md0}"] == 0.0);
  CHECK(pulled["rig_raid_member_present{array=md0,member=sdb}"] == 0.0);

  const auto rebuilding = collect("raid1-rebuilding");
  CHECK(rebuilding["rig_raid_member_state{array=md0,member=sdc,state=rebuilding}"] == 1.0);
  CHECK(rebuilding["rig_raid_member_state{array=md0,member=sdc,state=spare}"] == 0.0);
  CHECK(rebuilding["rig_raid_degraded_disks{array=md0}"] == 1.0);
  CHECK(rebuilding["rig_raid_array_usable{array=md0}"] == 1.0);

  CHECK(collect("raid5-building")["rig_raid_disks{array=md0,state=spare}"] == 1.0);
  const auto failed = collect("raid5-failed");
  CHECK(failed["rig_raid_array_usable{array=md0}"] == 0.0);
  CHECK(failed["rig_raid_disks{array=md0,state=faulty}"] == 2.0);
  const auto reshaping = collect("raid5-reshaping");
  CHECK(reshaping["rig_raid_disks_required{array=md0}"] == 4.0);
  CHECK(reshaping["rig_raid_array_usable{array=md0}"] == 1.0);
  CHECK(reshaping.state("rig_raid_sync_action", "md0") == "reshape");

  const auto halves = collect("raid10-halves");
  for (const auto* array : {"md0", "md1", "md2", "md3"})
    CHECK(halves["rig_raid_array_usable{array=" + std::string(array) + "}"] == 1.0);

  const auto imsm = collect("imsm-rebuilding");
  CHECK(imsm["rig_raid_arrays"] == 2.0);
  CHECK(imsm.count("rig_raid_array_usable") == 2);
  CHECK(imsm.state("rig_raid_sync_action", "md126") == "recover");

  const auto delayed = collect("check-delayed");
  CHECK(delayed.state("rig_raid_sync_waiting", "md1") == "delayed");
  CHECK(delayed.state("rig_raid_sync_action", "md1") == "check");
  CHECK(delayed.count("rig_raid_sync_speed") == 1);

  const auto pending = collect("auto-read-only");
  CHECK(pending.state("rig_raid_sync_waiting", "md0") == "pending");
  CHECK(pending.state("rig_raid_array_state", "md1") == "read_auto");
}
