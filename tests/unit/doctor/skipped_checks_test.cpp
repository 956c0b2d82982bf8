#include "doctor/check_inputs.h"
#include "doctor/checks.h"
#include "rig/disk/disk_families.h"
#include "rig/host/filesystem_families.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("Types of mounted filesystems without series are listed once each") {
  const TemporaryDirectory root;
  root.write("proc/1/mountinfo",
             "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
             "21 20 0:30 / /run rw shared:5 - tmpfs tmpfs rw\n"
             "22 20 0:31 / /tmp rw - tmpfs tmpfs rw\n"
             "24 20 0:22 / /proc rw - proc proc rw\n"
             "23 20 0:40 / /home rw - nfs4 server:/home rw\n");
  Samples samples;
  add_sample(samples, kFilesystemReadonly, 0, {{"mountpoint", "/"}, {"fstype", "ext4"}});
  const auto findings = check_skipped_filesystems(input_for(root.path(), std::move(samples)));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::ok);
  CHECK_THAT(findings[0].what, ContainsSubstring(": nfs4, tmpfs") && !ContainsSubstring("ext4"));
}

TEST_CASE("Block devices without series are listed, at most twelve of them") {
  const TemporaryDirectory root;
  for (const std::string name : {"sda", "cciss!c0d0", "zram0"})
    root.write("sys/block/" + name + "/size", "8\n");
  Samples samples;
  add_sample(samples, kDiskReads, 1, {{"device", "sda"}});
  add_sample(samples, kDiskReads, 1, {{"device", "cciss/c0d0"}});
  auto input = input_for(root.path(), std::move(samples));
  input.scrape.collectors.push_back(collector_result("disk"));
  auto findings = check_skipped_disks(input);
  REQUIRE(findings.size() == 1);
  CHECK_THAT(findings[0].what, ContainsSubstring("below an array: zram0"));
  for (int i = 0; i < 20; ++i) root.write("sys/block/loop" + std::to_string(i) + "/size", "0\n");
  findings = check_skipped_disks(input);
  CHECK_THAT(findings.at(0).what, ContainsSubstring(" and 9 more"));
}

TEST_CASE("Nothing is reported about filesystems and disks that were not collected") {
  const TemporaryDirectory root;
  root.write("proc/1/mountinfo", "21 20 0:30 / /run rw - tmpfs tmpfs rw\n");
  root.write("sys/block/loop0/size", "0\n");
  auto input = input_for(root.path());
  input.scrape.collectors.clear();
  CHECK(check_skipped_filesystems(input).empty());
  CHECK(check_skipped_disks(input).empty());
}
