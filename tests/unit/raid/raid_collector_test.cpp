#include <string>

#include "raid/raid_host.h"
#include "raid/rig_fixture.h"
#include "rig/kernel/files.h"
#include "support/catch.h"

namespace {

std::string text_of(const std::filesystem::path& file) { return rig::read_file(file).value(); }

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
