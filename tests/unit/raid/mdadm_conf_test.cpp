#include "raid/mdadm_conf.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {
constexpr const char* kUuid = "33345e67:0316d21e:7c1d9a5b:00112233";
}

TEST_CASE("An ARRAY line has a device, UUID and name, and other words are skipped") {
  const auto arrays = parse_mdadm_conf(
      "ARRAY /dev/md/data metadata=1.2 spares=1 UUID=33345e67:0316d21e:7c1d9a5b:00112233 "
      "name=rig:data\n");
  CHECK(arrays == std::vector<MdadmConfArray>{{"/dev/md/data", kUuid, "rig:data"}});
}

TEST_CASE("Keywords can be abbreviated to three letters, and case does not matter") {
  CHECK(parse_mdadm_conf("arr md0 Uuid=33345E67-0316d21e.7c1d9a5b00112233\n") ==
        std::vector<MdadmConfArray>{{"md0", kUuid, ""}});
  CHECK(parse_mdadm_conf("AR md0\nARRAYS md1\nDEVICE /dev/sda\nMAILADDR root\n").empty());
}

TEST_CASE("A line that starts with a space continues the previous line") {
  const auto arrays = parse_mdadm_conf(
      "ARRAY /dev/md0\n"
      "# a comment between\n"
      "\n"
      "\tUUID=33345e67:0316d21e:7c1d9a5b:00112233 # name=no\n"
      "MAILADDR root\n"
      "  name=of-no-array\n");
  CHECK(arrays == std::vector<MdadmConfArray>{{"/dev/md0", kUuid, ""}});
}

TEST_CASE("Quotes keep spaces in a word, and # within a word does not start a comment") {
  const auto arrays = parse_mdadm_conf("ARRAY '/dev/md/my data' name=\"rig:my #1\" n=a#b\n");
  CHECK(arrays == std::vector<MdadmConfArray>{{"/dev/md/my data", "", "rig:my #1"}});
}

TEST_CASE("Ignored and empty arrays are left out") {
  CHECK(parse_mdadm_conf("ARRAY <Ignore> UUID=33345e67:0316d21e:7c1d9a5b:00112233\n").empty());
  CHECK(parse_mdadm_conf("ARRAY\n").empty());
}

TEST_CASE("A malformed UUID is left out") {
  for (const char* uuid : {"", "1234", "33345e67:0316d21e:7c1d9a5b:0011223g",
                           "33345e67:0316d21e:7c1d9a5b:001122334"}) {
    CAPTURE(uuid);
    const auto arrays = parse_mdadm_conf(std::string("ARRAY md0 UUID=") + uuid);
    REQUIRE(arrays.size() == 1);
    CHECK(arrays[0].uuid.empty());
  }
}

TEST_CASE("The first existing mdadm.conf is read, with the *.conf files next to it") {
  const TemporaryDirectory root;
  CHECK(read_mdadm_conf(root.path()).arrays.empty());
  root.write("etc/mdadm.conf", "ARRAY md9\n");
  CHECK(read_mdadm_conf(root.path()).arrays.size() == 1);
  root.write("etc/mdadm/mdadm.conf", "ARRAY md0\n");
  root.write("etc/mdadm/mdadm.conf.d/more.conf", "ARRAY md1\n");
  root.write("etc/mdadm/mdadm.conf.d/more.conf.old", "ARRAY md2\n");
  root.write("etc/mdadm/mdadm.conf.d/.hidden.conf", "ARRAY md3\n");
  const auto conf = read_mdadm_conf(root.path());
  CHECK(conf.arrays == std::vector<MdadmConfArray>{{"md0", "", ""}, {"md1", "", ""}});
  CHECK(conf.problems.empty());
}

TEST_CASE("An unreadable mdadm.conf is a problem with its path") {
  const TemporaryDirectory root;
  std::filesystem::create_directories(root.path() / "etc/mdadm/mdadm.conf");
  const auto conf = read_mdadm_conf(root.path());
  REQUIRE(conf.problems.size() == 1);
  CHECK(conf.problems[0].path == root.path() / "etc/mdadm/mdadm.conf");
}
