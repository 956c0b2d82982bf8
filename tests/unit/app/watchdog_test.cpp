#include "app/watchdog.h"

#include <stdexcept>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// A watchdog with a timeout of 30 s, and the time at which its parts believe to be.
struct WatchdogAt {
  Watchdog::Clock::time_point now{};
  Watchdog::Clock::duration check_takes{0};
  std::function<Health()> check = [] { return Health{true, "healthy"}; };
  bool room = true;  // the manager can receive a report
  int checks = 0;
  int reports = 0;
  Watchdog watchdog{30s,
                    [this] {
                      ++checks;
                      now += check_takes;
                      return check();
                    },
                    [this] {
                      if (room) ++reports;
                      return room;
                    },
                    [this] { return now; }};

  // How long until it wants to be called again.
  Watchdog::Clock::duration run_after(Watchdog::Clock::duration passed) {
    now += passed;
    return watchdog.run() - now;
  }
};

}  // namespace

TEST_CASE("A program that works is reported at once and then at half of the timeout") {
  WatchdogAt at;
  CHECK(at.run_after(0s) == 15s);
  CHECK(at.reports == 1);
  CHECK(at.run_after(14s) == 1s);  // too early
  CHECK(at.checks == 1);
  CHECK(at.run_after(1s) == 15s);
  CHECK(at.reports == 2);
}

TEST_CASE("The duration of a check does not delay the next report") {
  WatchdogAt at;
  at.check_takes = 6s;
  CHECK(at.run_after(0s) == 9s);
  at.check_takes = 20s;
  CHECK(at.run_after(9s) == 10ms);
  CHECK(at.reports == 2);
}

TEST_CASE("A failed check is not reported, and repeated several times before the timeout") {
  WatchdogAt at;
  at.check = [] { return Health{false, "connection refused"}; };
  int tries = 0;
  for (auto passed = 0s; passed < 30s; passed += 3s) {
    CHECK(at.run_after(tries == 0 ? 0s : 3s) == 3s);
    ++tries;
  }
  CHECK(at.checks == tries);
  CHECK(tries == 10);
  CHECK(at.reports == 0);
  at.check = [] { return Health{true, "healthy"}; };
  CHECK(at.run_after(3s) == 15s);
  CHECK(at.reports == 1);
}

TEST_CASE("A check that throws has failed") {
  WatchdogAt at;
  at.check = []() -> Health { throw std::runtime_error("too many open files"); };
  CHECK(at.run_after(0s) == 3s);
  CHECK(at.reports == 0);
}

TEST_CASE("A report that the manager has no room for is repeated after another check") {
  WatchdogAt at;
  at.room = false;
  CHECK(at.run_after(0s) == 3s);
  at.check = [] { return Health{false, "it does not work any more"}; };
  at.room = true;
  CHECK(at.run_after(3s) == 3s);
  CHECK(at.reports == 0);
}

TEST_CASE("A very short timeout does not use up a processor") {
  Watchdog::Clock::time_point now{};
  Watchdog watchdog(
      1us,
      [] {
        return Health{true, ""};
      },
      [] { return true; }, [&] { return now; });
  CHECK(watchdog.run() - now == 10ms);
}
