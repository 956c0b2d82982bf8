#include <array>
#include <string>

#include "doctor/checks.h"
#include "doctor/seen_by.h"
#include "rig/web/health_check.h"
#include "rig/web/http_server.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace rig;

namespace {

constexpr std::string_view kUsable =
    "rig_raid_arrays 1\nrig_raid_array_usable{array=\"md0\"} 1\n"
    "rig_raid_array_info{array=\"md0\",level=\"raid1\","
    "uuid=\"33345e67:0316d21e:dcdb083b:1aa82eb3\"} 1\n";
Finding array_finding(std::string_view scraped) {
  TemporaryFolder folder;
  const auto findings = check_arrays(seen_by(folder.path(), scraped));
  REQUIRE(findings.size() == 1);
  return findings.front();
}

Finding address_finding(const std::string& address) {
  auto seen = seen_by("/nowhere");
  seen.config.web.listen_addresses = {address};
  const auto findings = check_addresses(seen);
  REQUIRE(findings.size() == 1);
  return findings.front();
}

HttpServer server_that_says(std::string_view words) {
  const std::array any_port{std::string("127.0.0.1:0")};
  return {any_port,
          {{"/-/healthy", false,
            [words = std::string(words)](const HttpRequest&) {
              return HttpResponse{200, "text/plain", words, {}};
            }}},
          1};
}

}  // namespace

TEST_CASE("A RAID 0 that lost a disk is wrong, with the disk's name") {
  const auto finding = array_finding(
      "rig_raid_array_info{array=\"md0\",level=\"raid0\"} 1\n"
      "rig_raid_array_usable{array=\"md0\"} 0\n"
      "rig_raid_disks{array=\"md0\",state=\"missing\"} 1\n"
      "rig_raid_member_present{array=\"md0\",member=\"sda\"} 1\n"
      "rig_raid_member_present{array=\"md0\",member=\"sdb\"} 0\n");
  CHECK(finding.level == Level::wrong);
  CHECK(finding.what ==
        "md0 (raid0) does not serve reads and writes: 1 disk is missing (gone: sdb)");
  CHECK_THAT(finding.advice, ContainsSubstring("a raid0 bears no loss"));
}

TEST_CASE("An array that works without one of its disks is wrong, too") {
  const auto finding =
      array_finding(std::string(kUsable) + "rig_raid_disks{array=\"md0\",state=\"missing\"} 1\n");
  CHECK(finding.level == Level::wrong);
  CHECK(finding.what == "md0 (raid1) works, and 1 disk is missing");
}

TEST_CASE("A RAID 5 that lost its journal is told how to get another") {
  const auto finding = array_finding(
      "rig_raid_array_info{array=\"md0\",level=\"raid5\",consistency_policy=\"journal\"} 1\n"
      "rig_raid_array_usable{array=\"md0\"} 0\n"
      "rig_raid_disks{array=\"md0\",state=\"journal\"} 0\n");
  CHECK(finding.level == Level::wrong);
  CHECK(finding.what == "md0 (raid5) fails every write: its journal has failed or gone");
  CHECK_THAT(finding.advice, ContainsSubstring("mdadm /dev/md0 --add-journal DISK"));
}

TEST_CASE("An array that was not started is told how to be") {
  const auto finding = array_finding(
      "rig_raid_array_info{array=\"md0\",level=\"\"} 1\nrig_raid_array_usable{array=\"md0\"} 0\n"
      "rig_raid_array_state{array=\"md0\",state=\"inactive\"} 1\n");
  CHECK(finding.what == "md0 does not serve reads and writes: it is not started");
  CHECK_THAT(finding.advice, ContainsSubstring("mdadm --run /dev/md0"));
}

TEST_CASE("A rebuild is worth knowing, a whole array is well, an unknown one is neither") {
  CHECK(array_finding(std::string(kUsable) + "rig_raid_disks{array=\"md0\",state=\"rebuilding\"} 1")
            .level == Level::note);
  CHECK(array_finding(kUsable).level == Level::ok);
  CHECK(array_finding("rig_raid_array_info{array=\"md0\",level=\"raid7\"} 1\n").level ==
        Level::note);
}

TEST_CASE("Arrays in sysfs without /proc/mdstat are hidden by ProcSubset=pid") {
  TemporaryFolder folder;
  folder.write("sys/block/md0/size", "0\n");
  const auto findings = check_arrays(seen_by(folder.path()));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::wrong);
  CHECK_THAT(findings[0].advice, ContainsSubstring("ProcSubset=pid"));
}

TEST_CASE("An array that is expected and absent is wrong, beside those that are there") {
  TemporaryFolder folder;
  const auto findings = check_arrays(seen_by(
      folder.path(), std::string(kUsable) + "rig_raid_array_present{array=\"md0\"} 1\n"
                                            "rig_raid_array_present{array=\"md/data\"} 0\n"));
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].level == Level::ok);
  CHECK(findings[1].level == Level::wrong);
  CHECK_THAT(findings[1].what, ContainsSubstring("md/data is named by mdadm.conf"));
}

TEST_CASE("CPU and memory are well only when both collectors are") {
  auto seen = seen_by("/nowhere");
  seen.collectors = {{"cpu", true, {}}, {"memory", true, {}}};
  CHECK(check_cpu_and_memory(seen).size() == 1);
  seen.collectors[0].problems = {"/proc/stat: is not there; is --path.procfs right?"};
  CHECK(check_cpu_and_memory(seen).empty());
  CHECK_THAT(check_collectors(seen).at(0).advice, ContainsSubstring("ProcSubset=pid"));
}

TEST_CASE("A filesystem that is mounted and has no size needs the host's root") {
  auto seen =
      seen_by("/nowhere", "rig_filesystem_readonly{device=\"/dev/sda1\",mountpoint=\"/home\"} 0\n");
  seen.config.host.proc = "/proc";
  const auto findings = check_filesystems(seen);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::note);
  CHECK_THAT(findings[0].what, ContainsSubstring("no size: /home"));
  CHECK_THAT(findings[0].advice, ContainsSubstring("/:/rootfs:ro,rslave"));
}

TEST_CASE("What a collector calls a problem is wrong, and so is one that is late") {
  auto seen = seen_by("/nowhere");
  seen.collectors = {{"gpu", true, {"/sys/x: Permission denied"}}, {"raid", false, {}}};
  seen.off = {"cpu"};
  const auto findings = check_collectors(seen);
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].level == Level::wrong);
  CHECK(findings[0].subject == "GPUs");
  CHECK_THAT(findings[0].advice, ContainsSubstring("a user who may read it"));
  CHECK(findings[1].what == "the collector raid did not answer in time");
  CHECK(findings[2].level == Level::note);
  CHECK(findings[2].what == "the collector cpu is off");
}

TEST_CASE("An address is well when it is free or an exporter has it, not when Prometheus has") {
  std::string address;
  {
    const auto exporter = server_that_says(kHealthyBody);
    address = exporter.addresses().front();
    const auto finding = address_finding(address);
    CHECK(finding.level == Level::ok);
    CHECK(finding.what == "an exporter answers at " + address);
  }
  const auto free = address_finding(address);
  CHECK(free.level == Level::ok);
  CHECK_THAT(free.what, ContainsSubstring("nobody listens at " + address));

  const auto prometheus = server_that_says("Prometheus Server is Healthy.\n");
  const auto taken = address_finding(prometheus.addresses().front());
  CHECK(taken.level == Level::wrong);
  CHECK_THAT(taken.what, ContainsSubstring("another program answers on"));
  CHECK_THAT(taken.advice, ContainsSubstring("the address is in use"));
}

TEST_CASE("An address that this machine does not have is wrong, though nobody answers there") {
  const auto finding = address_finding("192.0.2.1:10068");
  CHECK(finding.level == Level::wrong);
  CHECK_THAT(finding.what, ContainsSubstring("this machine does not have that address"));
}

TEST_CASE("A name that nobody knows is wrong to listen at") {
  const auto finding = address_finding("no.such.host.invalid:10068");
  CHECK(finding.level == Level::wrong);
  CHECK_THAT(finding.what, ContainsSubstring("cannot listen at no.such.host.invalid:10068"));
}
