#include "doctor/check_inputs.h"
#include "doctor/checks.h"
#include "rig/raid/raid_families.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

struct Array {
  std::string_view level = "raid1";
  std::optional<double> usable = 1;
  std::string_view consistency_policy;

  Samples samples() const {
    Samples samples;
    add_sample(samples, kRaidArrays, 1);
    if (usable) add_sample(samples, kRaidArrayUsable, *usable, {{"array", "md0"}});
    add_sample(samples, kRaidArrayInfo, 1,
               {{"array", "md0"}, {"level", level}, {"consistency_policy", consistency_policy}});
    return samples;
  }
};

void add_disks(Samples& samples, std::string_view state, double count) {
  add_sample(samples, kRaidDisks, count, {{"array", "md0"}, {"state", state}});
}

Finding finding_for(Samples samples) {
  const TemporaryDirectory root;
  const auto findings = check_arrays(input_for(root.path(), std::move(samples)));
  REQUIRE(findings.size() == 1);
  return findings.front();
}

}  // namespace

TEST_CASE("A RAID 0 that lost a disk is a problem, and its members are listed") {
  auto samples = Array{"raid0", 0, ""}.samples();
  add_disks(samples, "missing", 1);
  add_sample(samples, kRaidMemberPresent, 0, {{"array", "md0"}, {"member", "sdb"}});
  add_sample(samples, kRaidMemberPresent, 1, {{"array", "md0"}, {"member", "sda"}});
  const auto finding = finding_for(std::move(samples));
  CHECK(finding.level == Level::problem);
  CHECK(finding.what ==
        "md0 (raid0) does not serve reads and writes: 1 disk is missing (removed: sdb)");
  CHECK_THAT(finding.advice, ContainsSubstring("does not survive the loss of a disk"));
}

TEST_CASE("It is noted on a machine with arrays that removals of members are not counted") {
  const TemporaryDirectory root;
  auto samples = Array().samples();
  add_sample(samples, kRaidEventsMonitored, 0, {{"event", "member_removal"}});
  const auto findings = check_arrays(input_for(root.path(), std::move(samples)));
  REQUIRE(findings.size() == 2);
  CHECK(findings[1].level == Level::note);
  CHECK_THAT(findings[1].what, ContainsSubstring("removals of members"));
  Samples without_arrays;
  add_sample(without_arrays, kRaidArrays, 0);
  add_sample(without_arrays, kRaidEventsMonitored, 0, {{"event", "member_removal"}});
  CHECK(finding_for(std::move(without_arrays)).level == Level::ok);
}

TEST_CASE("An array that is usable without a disk is a problem too") {
  auto samples = Array().samples();
  add_disks(samples, "missing", 1);
  const auto finding = finding_for(std::move(samples));
  CHECK(finding.level == Level::problem);
  CHECK(finding.what == "md0 (raid1) is usable, but 1 disk is missing");
}

TEST_CASE("The advice for a RAID 5 that lost its journal is to add one") {
  auto samples = Array{"raid5", 0, "journal"}.samples();
  add_disks(samples, "journal", 0);
  const auto finding = finding_for(std::move(samples));
  CHECK(finding.level == Level::problem);
  CHECK(finding.what == "md0 (raid5) fails every write: its journal failed or was removed");
  CHECK_THAT(finding.advice, ContainsSubstring("mdadm /dev/md0 --add-journal DISK"));
}

TEST_CASE("The advice for an inactive array is to start it") {
  auto samples = Array{"", 0, ""}.samples();
  add_sample(samples, kRaidArrayState, 1, {{"array", "md0"}, {"state", "inactive"}});
  const auto finding = finding_for(std::move(samples));
  CHECK(finding.what == "md0 does not serve reads and writes: it is not started");
  CHECK_THAT(finding.advice, ContainsSubstring("mdadm --run /dev/md0"));
}

TEST_CASE("A rebuild is a note, a complete array is ok, an unknown one is a note") {
  auto rebuilding = Array().samples();
  add_disks(rebuilding, "rebuilding", 1);
  CHECK(finding_for(std::move(rebuilding)).level == Level::note);
  CHECK(finding_for(Array().samples()).level == Level::ok);
  CHECK(finding_for(Array{"raid7", std::nullopt, ""}.samples()).level == Level::note);
}

TEST_CASE("Arrays in sysfs without /proc/mdstat are hidden by ProcSubset=pid") {
  const TemporaryDirectory root;
  root.write("sys/block/md0/size", "0\n");
  const auto findings = check_arrays(input_for(root.path()));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::problem);
  CHECK_THAT(findings[0].advice, ContainsSubstring("ProcSubset=pid"));
}

TEST_CASE("An expected array that does not exist is a problem, beside those that do") {
  auto samples = Array().samples();
  add_sample(samples, kRaidArrayPresent, 1, {{"array", "md0"}});
  add_sample(samples, kRaidArrayPresent, 0, {{"array", "md/data"}});
  const TemporaryDirectory root;
  const auto findings = check_arrays(input_for(root.path(), std::move(samples)));
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].level == Level::ok);
  CHECK(findings[1].level == Level::problem);
  CHECK_THAT(findings[1].what, ContainsSubstring("md/data is listed in mdadm.conf"));
}
