#include "doctor/looks.h"

#include <future>
#include <stdexcept>

#include "doctor/seen_by.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Cards = std::vector<CardMetrics>;

const Look<Findings> kCheck{"the arrays", "ask the disks", [](const Seen&) {
                              return Findings{{Level::ok, "RAID", "fine", ""}};
                            }};
const Look<Cards> kList{"the metrics", "ask the cards", [](const Seen&) {
                          return Cards{{"0", "0000:03:00.0", {}, {}}};
                        }};

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

std::shared_ptr<const Seen> nothing_seen() {
  return std::make_shared<const Seen>(seen_by("/nowhere"));
}

}  // namespace

TEST_CASE("What the looks bring is told in their order") {
  auto second = kCheck;
  second.look = [](const Seen&) { return Findings{{Level::note, "Host", "two", ""}}; };
  const auto looked = look_at(nothing_seen(), std::vector{kCheck, second}, kList, in(10s));
  REQUIRE(looked.findings.size() == 2);
  CHECK(looked.findings[0].what == "fine");
  CHECK(looked.findings[1].what == "two");
  CHECK(looked.cards.size() == 1);
}

TEST_CASE("A look that does not come back is wrong with an advice of its own, the others count") {
  std::promise<void> gate;
  const auto gone = std::make_shared<std::promise<void>>();
  auto late = kCheck;
  late.at = "the addresses";
  late.if_late = "ask the name server";
  late.look = [opened = gate.get_future().share(), gone](const Seen&) {
    opened.wait();
    gone->set_value();
    return Findings();
  };
  const auto looked = look_at(nothing_seen(), std::vector{late, kCheck}, kList, in(300ms));
  gate.set_value();
  gone->get_future().wait();
  REQUIRE(looked.findings.size() == 2);
  CHECK(looked.findings[0].level == Level::wrong);
  CHECK(looked.findings[0].what == "looking at the addresses does not come back");
  CHECK(looked.findings[0].advice == "ask the name server");
  CHECK(looked.findings[1].what == "fine");
}

TEST_CASE("A list of metrics that cannot be made is missed in words") {
  auto list = kList;
  list.look = [](const Seen&) -> Cards { throw std::runtime_error("it broke"); };
  const auto looked = look_at(nothing_seen(), {}, list, in(10s));
  CHECK(looked.cards.empty());
  REQUIRE(looked.findings.size() == 1);
  CHECK(looked.findings[0].level == Level::wrong);
  CHECK(looked.findings[0].what == "looking at the metrics: it broke");
}

TEST_CASE("A list of metrics that does not come back is missed in words, too") {
  std::promise<void> gate;
  const auto gone = std::make_shared<std::promise<void>>();
  auto list = kList;
  list.look = [opened = gate.get_future().share(), gone](const Seen&) {
    opened.wait();
    gone->set_value();
    return Cards();
  };
  const auto looked = look_at(nothing_seen(), {}, list, in(10ms));
  gate.set_value();
  gone->get_future().wait();
  CHECK(looked.cards.empty());
  REQUIRE(looked.findings.size() == 1);
  CHECK(looked.findings[0].what == "looking at the metrics does not come back");
  CHECK(looked.findings[0].advice == "ask the cards");
}
