#include "raid/member_removals.h"

#include <map>
#include <string>
#include <vector>

#include "support/catch.h"

using rig::RemovalCounts;

namespace {

// A sequence of scrapes, each with its members and the removals so far.
class Scrapes {
 public:
  std::map<std::string, std::uint64_t> operator()(const std::vector<std::string>& members,
                                                  const RemovalCounts& removals) {
    rig::RaidArray array;
    array.name = "md0";
    for (const std::string& name : members) array.members.emplace_back().name = name;
    removals_.update(std::vector{array}, true, removals);
    std::map<std::string, std::uint64_t> totals;
    for (const auto& [name, member] : removals_.members_of("md0")) totals[name] = member.removals;
    return totals;
  }
  void without_arrays(bool complete, const RemovalCounts& removals) {
    removals_.update({}, complete, removals);
  }

 private:
  rig::MemberRemovals removals_;
};

using Totals = std::map<std::string, std::uint64_t>;

}  // namespace

TEST_CASE("A member that was never removed has a count of 0") {
  Scrapes scrape;
  CHECK(scrape({"sda", "sdb"}, {}) == Totals{{"sda", 0}, {"sdb", 0}});
}

TEST_CASE("A disk that was removed and reinserted between two scrapes counts once") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 1}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 1}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 3}}) == Totals{{"sda", 0}, {"sdb", 3}});
}

TEST_CASE("A member that leaves the array when its disk is removed keeps its count") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  CHECK(scrape({"sda"}, {{"sdb", 1}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda"}, {{"sdb", 1}}) == Totals{{"sda", 0}, {"sdb", 1}});
}

TEST_CASE("Removals before a device became a member do not count") {
  Scrapes scrape;
  scrape({"sda"}, {{"sdb", 4}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 5}}) == Totals{{"sda", 0}, {"sdb", 0}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 6}}) == Totals{{"sda", 0}, {"sdb", 1}});
}

TEST_CASE("A USB stick that reuses the name of a former member does not count") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  scrape({"sda"}, {{"sdb", 1}});
  CHECK(scrape({"sda"}, {{"sdb", 2}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 3}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 4}}) == Totals{{"sda", 0}, {"sdb", 2}});
}

TEST_CASE("The members of a re-created array start at 0") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  scrape({"sda", "sdb"}, {{"sdb", 1}});
  scrape.without_arrays(true, {{"sdb", 1}});
  CHECK(scrape({"sdb", "sdc"}, {{"sdb", 1}}) == Totals{{"sdb", 0}, {"sdc", 0}});
}

TEST_CASE("An array that could not be read in one scrape keeps its counts") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  scrape.without_arrays(false, {{"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 2}}) == Totals{{"sda", 0}, {"sdb", 2}});
}
