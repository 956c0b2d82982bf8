#include "raid/member_removals.h"

#include <map>
#include <string>
#include <vector>

#include "support/catch.h"

using rig::RemovalCounts;

namespace {

// One scrape after the other, with the arrays and the removals that it finds.
class Scrapes {
 public:
  std::map<std::string, std::uint64_t> operator()(const std::vector<std::string>& members,
                                                  const RemovalCounts& removals) {
    rig::RaidArray array;
    array.name = "md0";
    for (const std::string& name : members) array.members.emplace_back().name = name;
    counted_.update(std::vector{array}, true, removals);
    std::map<std::string, std::uint64_t> totals;
    for (const auto& [name, member] : counted_.of("md0")) totals[name] = member.removals;
    return totals;
  }
  void without_arrays(bool all, const RemovalCounts& removals) {
    counted_.update({}, all, removals);
  }

 private:
  rig::MemberRemovals counted_;
};

using Totals = std::map<std::string, std::uint64_t>;

}  // namespace

TEST_CASE("A member that never vanished has a true 0") {
  Scrapes scrape;
  CHECK(scrape({"sda", "sdb"}, {}) == Totals{{"sda", 0}, {"sdb", 0}});
}

TEST_CASE("A disk that was pulled and put back between two scrapes has vanished once") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 1}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 1}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 3}}) == Totals{{"sda", 0}, {"sdb", 3}});
}

TEST_CASE("A member that leaves the array as its disk vanishes keeps its count") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  CHECK(scrape({"sda"}, {{"sdb", 1}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda"}, {{"sdb", 1}}) == Totals{{"sda", 0}, {"sdb", 1}});
}

TEST_CASE("What a name did before it became a member is not counted") {
  Scrapes scrape;
  scrape({"sda"}, {{"sdb", 4}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 5}}) == Totals{{"sda", 0}, {"sdb", 0}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 6}}) == Totals{{"sda", 0}, {"sdb", 1}});
}

TEST_CASE("A stick that takes the name of a disk that has left does not count for the array") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  scrape({"sda"}, {{"sdb", 1}});
  CHECK(scrape({"sda"}, {{"sdb", 2}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 3}}) == Totals{{"sda", 0}, {"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 4}}) == Totals{{"sda", 0}, {"sdb", 2}});
}

TEST_CASE("An array that was stopped and made anew begins with its own members at 0") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  scrape({"sda", "sdb"}, {{"sdb", 1}});
  scrape.without_arrays(true, {{"sdb", 1}});
  CHECK(scrape({"sdb", "sdc"}, {{"sdb", 1}}) == Totals{{"sdb", 0}, {"sdc", 0}});
}

TEST_CASE("An array that could not be read for one scrape loses nothing") {
  Scrapes scrape;
  scrape({"sda", "sdb"}, {});
  scrape.without_arrays(false, {{"sdb", 1}});
  CHECK(scrape({"sda", "sdb"}, {{"sdb", 2}}) == Totals{{"sda", 0}, {"sdb", 2}});
}
