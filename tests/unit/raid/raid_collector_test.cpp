#include <string>

#include "raid/raid_host.h"
#include "raid/rig_fixture.h"
#include "rig/kernel/files.h"
#include "support/catch.h"

namespace {

std::string content_of(const std::filesystem::path& file) {
  return rig::read_text(file).get().value();
}

}  // namespace

TEST_CASE("Without the md module the number of arrays is 0") {
  const auto got = RaidHost(kRigs / "no-gpu-no-raid").collect();
  CHECK(got.problems.empty());
  CHECK(got.samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("Without /proc and /sys there is a problem and no sample") {
  const TemporaryDirectory directory;
  const auto got = RaidHost(directory.path()).collect();
  CHECK(got.samples.empty());
  CHECK(got.problems.size() == 1);
}

TEST_CASE("A healthy RAID 0 is usable and has no series of levels with redundancy") {
  for (const auto* rig : {"rx6800x2-raid0", "rx6800x2-raid0-busy"}) {
    const auto got = RaidHost(kRigs / rig).collect();
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

TEST_CASE("A RAID 0 that lost a disk is not usable although mdstat reports it as active") {
  const auto got = RaidHost(kRigs / "rx6800x2-raid0-dead").collect();
  CHECK(got.problems.empty());
  CHECK(content_of(kRigs / "rx6800x2-raid0-dead/proc/mdstat") ==
        content_of(kRigs / "rx6800x2-raid0/proc/mdstat"));
  CHECK(got["rig_raid_array_usable{array=md0}"] == 0.0);
  CHECK(got.state("rig_raid_array_state", "md0") == "broken");
  CHECK(got["rig_raid_disks{array=md0,state=active}"] == 1.0);
  CHECK(got["rig_raid_disks{array=md0,state=missing}"] == 1.0);
  CHECK(got["rig_raid_member_present{array=md0,member=sda}"] == 1.0);
  CHECK(got["rig_raid_member_present{array=md0,member=sdb}"] == 0.0);
  CHECK(got["rig_raid_member_state{array=md0,member=sdb,state=in_sync}"] == 1.0);
}

TEST_CASE("A RAID 0 that lost a disk is not usable even before md notices") {
  const RigFixture rig("rx6800x2-raid0-dead");
  rig.directory().write("sys/devices/virtual/block/md0/md/array_state", "clean\n");
  CHECK(RaidHost(rig.path()).collect()["rig_raid_array_usable{array=md0}"] == 0.0);
}

TEST_CASE("From mdstat alone a RAID 0 is not assessed unless it is broken") {
  const TemporaryDirectory directory;
  directory.write(
      "proc/mdstat",
      "Personalities : [raid0] \n"
      "md1 : broken raid0 sdd[1] sdc[0]\n      63488 blocks super 1.2 64k chunks\n      \n"
      "md0 : active raid0 sdb[1] sda[0]\n      63488 blocks super 1.2 64k chunks\n      \n"
      "unused devices: <none>\n");
  const auto got = RaidHost(directory.path()).collect();
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

TEST_CASE("An ignored array has no series, even if mdadm.conf has another name for it") {
  const RigFixture rig("md-5.10-raid0");
  rig.directory().write("etc/mdadm/mdadm.conf",
                        "ARRAY /dev/md/data UUID=33345e67:0316d21e:dcdb083b:1aa82eb3\n");
  rig::Config config;
  config.raid.ignored = {"md0"};
  RaidHost host(rig.path(), config);
  CHECK(host.collect().samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
  std::filesystem::remove_all(rig.path() / "sys/block/md0");
  std::filesystem::remove(rig.path() / "proc/mdstat");
  CHECK(host.collect().samples == std::map<std::string, double>{{"rig_raid_arrays", 0.0}});
}

TEST_CASE("A stopped array is not present and not usable, and has no other series") {
  const RigFixture rig("md-5.10-raid10-halves");
  RaidHost host(rig.path());
  CHECK(host.collect()["rig_raid_arrays"] == 4.0);
  std::filesystem::remove_all(rig.path() / "sys/devices/virtual/block/md3");
  std::filesystem::remove(rig.path() / "sys/block/md3");
  std::filesystem::remove(rig.path() / "proc/mdstat");
  const auto got = host.collect();
  CHECK(got.problems.empty());
  CHECK(got["rig_raid_arrays"] == 3.0);
  CHECK(got["rig_raid_array_present{array=md3}"] == 0.0);
  CHECK(got["rig_raid_array_usable{array=md3}"] == 0.0);
  std::size_t series_of_it = 0;
  for (const auto& [series, value] : got.samples)
    series_of_it += series.find("array=md3") == series.npos ? 0U : 1U;
  CHECK(series_of_it == 2);
}

TEST_CASE("Arrays recorded on Linux 5.10 are reported as by mdadm") {
  const auto collect = [](const std::string& rig) {
    auto got = RaidHost(kRigs / ("md-5.10-" + rig)).collect();
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
