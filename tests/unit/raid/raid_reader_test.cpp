#include "raid/raid_reader.h"

#include "support/catch.h"

using namespace rig;

namespace {

const std::string kMdstat = "md0 : active raid1 sda[0]\n      8 blocks [2/1] [U_]\n";
const Problem kTimedOut = Problem::timed_out("/proc/mdstat");

MdSysfs with_state(std::optional<std::string> state) {
  MdSysfs sysfs;
  sysfs.array_state = std::move(state);
  return sysfs;
}

}  // namespace

TEST_CASE("There is no source only if neither mdstat nor /sys/block exists") {
  RaidSnapshot snapshot;
  CHECK(snapshot.has_no_source());
  snapshot.mdstat = kTimedOut;
  CHECK_FALSE(snapshot.has_no_source());
  snapshot.mdstat = std::nullopt;
  snapshot.devices = std::vector<std::string>();
  CHECK_FALSE(snapshot.has_no_source());
}

TEST_CASE("A snapshot is complete if mdstat lists all arrays, even if sysfs is unreadable") {
  RaidSnapshot snapshot;
  snapshot.mdstat = parse_mdstat(kMdstat);
  snapshot.devices = kTimedOut;
  CHECK(snapshot.is_complete());
  snapshot.mdstat = parse_mdstat(kMdstat + "malformed\n");
  CHECK_FALSE(snapshot.is_complete());
}

TEST_CASE("Without mdstat a snapshot is complete if every device in sysfs was read") {
  RaidSnapshot snapshot;
  CHECK_FALSE(snapshot.is_complete());
  snapshot.devices = std::vector<std::string>{"md0", "md1"};
  snapshot.sysfs = {{"md0", with_state("clean")}, {"md1", with_state("clear")}};
  CHECK(snapshot.is_complete());
  snapshot.unread = {"md2"};
  CHECK_FALSE(snapshot.is_complete());
  snapshot.unread.clear();
  snapshot.sysfs["md1"] = with_state(std::nullopt);
  CHECK_FALSE(snapshot.is_complete());
}

TEST_CASE("An array in mdstat must have a state in sysfs, unless that is absent or unreadable") {
  using Names = std::vector<std::string>;
  RaidSnapshot snapshot;
  snapshot.mdstat = parse_mdstat(kMdstat);
  CHECK(snapshot.arrays_without_state().empty());
  snapshot.devices = Names{"md0"};
  CHECK(snapshot.arrays_without_state() == Names{"md0"});
  snapshot.unread = {"md0"};
  CHECK(snapshot.arrays_without_state().empty());
  snapshot.unread.clear();
  snapshot.sysfs = {{"md0", with_state("clean")}};
  CHECK(snapshot.arrays_without_state().empty());
}

TEST_CASE("The labels of an array are not known while its files in sysfs are unreadable") {
  RaidSnapshot snapshot;
  snapshot.mdstat = parse_mdstat(kMdstat);
  CHECK(snapshot.arrays().at("md0").labels_known);
  snapshot.unread = {"md0"};
  CHECK_FALSE(snapshot.arrays().at("md0").labels_known);
}

TEST_CASE("An active array in mdstat may be broken, so that its state is unknown without sysfs") {
  RaidSnapshot snapshot;
  snapshot.mdstat = parse_mdstat(kMdstat);
  // Without sysfs on the whole machine, mdstat is the only source.
  CHECK(snapshot.arrays().at("md0").state == "active");
  SECTION("because the array was not read") {
    snapshot.devices = std::vector<std::string>{"md0"};
    snapshot.unread = {"md0"};
    CHECK_FALSE(snapshot.arrays().at("md0").state);
  }
  SECTION("because the list of arrays could not be read") {
    snapshot.devices = Problem{Reason::failed, "/sys/block", "cannot create a thread"};
    CHECK_FALSE(snapshot.arrays().at("md0").state);
  }
  SECTION("unless mdstat itself reports it as broken") {
    snapshot.devices = std::vector<std::string>{"md0"};
    snapshot.mdstat = parse_mdstat("md0 : broken raid0 sda[0] sdb[1]\n      8 blocks\n");
    CHECK(snapshot.arrays().at("md0").state == "broken");
  }
}
