#include "web/findings_refresher.h"

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// Counts its calls, each of which finds the number of the call.
struct CountingFinder {
  std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);

  FindFindings find() const {
    return [calls = calls](const ScrapeResult&) {
      return std::vector<LiveFinding>{{"note", "Host", std::to_string(++*calls), ""}};
    };
  }
};

// Asks until there are findings.
std::shared_ptr<const FindingsRefresher::Findings> wait_for_findings(FindingsRefresher& findings) {
  for (int i = 0; i < 1000; ++i) {
    if (auto latest = findings.latest({})) return latest;
    std::this_thread::sleep_for(10ms);
  }
  throw std::runtime_error("no findings after 10 s");
}

}  // namespace

TEST_CASE("The first request has no findings and starts to determine them for later ones") {
  const CountingFinder finder;
  FindingsRefresher findings(finder.find());
  CHECK(*finder.calls == 0);
  findings.latest({});
  const auto found = wait_for_findings(findings);
  REQUIRE(found->findings.size() == 1);
  CHECK(found->findings[0].what == "1");
  CHECK(BootClock::now() - found->time < 20s);
}

TEST_CASE("Findings are determined at most once per interval, however many requests there are") {
  const CountingFinder finder;
  FindingsRefresher findings(finder.find());
  wait_for_findings(findings);
  for (int i = 0; i < 100; ++i) findings.latest({});
  CHECK(*finder.calls == 1);
}

TEST_CASE("After the interval a request starts to determine them again, nothing else does") {
  const CountingFinder finder;
  FindingsRefresher findings(finder.find(), 300ms);
  wait_for_findings(findings);  // on a busy machine more than once
  std::this_thread::sleep_for(600ms);
  const int before = *finder.calls;
  std::this_thread::sleep_for(600ms);
  CHECK(*finder.calls == before);
  findings.latest({});
  for (int i = 0; i < 1000 && *finder.calls == before; ++i) std::this_thread::sleep_for(10ms);
  CHECK(*finder.calls == before + 1);
}

TEST_CASE("While determining findings hangs, requests get the old ones and it is not run again") {
  std::promise<void> gate;
  std::promise<void> done;
  const auto calls = std::make_shared<std::atomic<int>>(0);
  {
    FindingsRefresher findings(
        [opened = gate.get_future().share(), calls, &done](const ScrapeResult&) {
          if (++*calls == 2) {
            opened.wait();
            done.set_value();
          }
          return std::vector<LiveFinding>{{"problem", "RAID", std::to_string(*calls), ""}};
        },
        0ms);
    wait_for_findings(findings);
    for (int i = 0; i < 1000 && *calls < 2; ++i) {
      findings.latest({});
      std::this_thread::sleep_for(1ms);
    }
    for (int i = 0; i < 50; ++i) CHECK(findings.latest({})->findings[0].what == "1");
    CHECK(*calls == 2);
  }  // does not wait for it
  gate.set_value();
  done.get_future().wait();
}

TEST_CASE("If determining findings fails, requests do not") {
  FindingsRefresher findings(
      [](const ScrapeResult&) -> std::vector<LiveFinding> { throw std::runtime_error("broken"); },
      0ms);
  for (int i = 0; i < 20; ++i) {
    CHECK(findings.latest({}) == nullptr);
    std::this_thread::sleep_for(1ms);
  }
  FindingsRefresher without({});
  CHECK(without.latest({}) == nullptr);
}
