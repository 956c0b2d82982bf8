#include "doctor/timed_checks.h"

#include <atomic>
#include <future>
#include <stdexcept>

#include "doctor/check_inputs.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Lists = std::vector<GpuMetricList>;

const TimedCheck<Findings> kCheck{"the arrays", "look at the disks", [](const CheckInput&) {
                                    return Findings{{Level::ok, "RAID", "fine", ""}};
                                  }};
const TimedCheck<Lists> kList{"the metrics", "look at the GPUs", [](const CheckInput&) {
                                return Lists{{"0", "0000:03:00.0", {}, {}}};
                              }};

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

std::shared_ptr<const CheckInput> empty_input() {
  return std::make_shared<const CheckInput>(input_for("/nowhere"));
}

// A check that hangs until release() is called, which waits until it has returned.
template <typename Result>
class HungCheck {
 public:
  std::function<Result(const CheckInput&)> check() {
    return [opened = gate_.get_future().share(), done = done_](const CheckInput&) {
      opened.wait();
      done->set_value();
      return Result();
    };
  }
  void release() {
    gate_.set_value();
    done_->get_future().wait();
  }

 private:
  std::promise<void> gate_;
  std::shared_ptr<std::promise<void>> done_ = std::make_shared<std::promise<void>>();
};

}  // namespace

TEST_CASE("Findings are in the order of the checks") {
  auto second = kCheck;
  second.check = [](const CheckInput&) { return Findings{{Level::note, "Host", "two", ""}}; };
  const auto results = run_checks(empty_input(), std::vector{kCheck, second}, kList, in(10s));
  REQUIRE(results.findings.size() == 2);
  CHECK(results.findings[0].what == "fine");
  CHECK(results.findings[1].what == "two");
  CHECK(results.gpus.size() == 1);
}

TEST_CASE("A check that times out is a problem with its own advice, and the others count") {
  HungCheck<Findings> hung;
  const TimedCheck<Findings> check{"the addresses", "look at the name server", hung.check()};
  const auto results = run_checks(empty_input(), std::vector{check, kCheck}, kList, in(300ms));
  hung.release();
  REQUIRE(results.findings.size() == 2);
  CHECK(results.findings[0].level == Level::problem);
  CHECK(results.findings[0].what == "checking the addresses: timed out");
  CHECK(results.findings[0].advice == "look at the name server");
  CHECK(results.findings[1].what == "fine");
}

TEST_CASE("A list of metrics that fails is a problem") {
  auto list = kList;
  list.check = [](const CheckInput&) -> Lists { throw std::runtime_error("it broke"); };
  const auto results = run_checks(empty_input(), {}, list, in(10s));
  CHECK(results.gpus.empty());
  REQUIRE(results.findings.size() == 1);
  CHECK(results.findings[0].level == Level::problem);
  CHECK(results.findings[0].what == "checking the metrics: it broke");
}

TEST_CASE("A directory that cannot be listed is a problem with its path") {
  auto check = kCheck;
  check.check = [](const CheckInput&) -> Findings {
    throw ReadError(Problem{Reason::permission_denied, "/sys/block", "Permission denied"});
  };
  const auto results = run_checks(empty_input(), std::vector{check}, kList, in(10s));
  REQUIRE(results.findings.size() == 1);
  CHECK(results.findings[0].what == "checking the arrays: /sys/block: Permission denied");
}

TEST_CASE("A list of metrics that times out is a problem") {
  HungCheck<Lists> hung;
  const TimedCheck<Lists> list{"the metrics", "look at the GPUs", hung.check()};
  const auto results = run_checks(empty_input(), {}, list, in(10ms));
  hung.release();
  CHECK(results.gpus.empty());
  REQUIRE(results.findings.size() == 1);
  CHECK(results.findings[0].what == "checking the metrics: timed out");
  CHECK(results.findings[0].advice == "look at the GPUs");
}

TEST_CASE("A check that hangs in a pool is not run again, and the others are") {
  HungCheck<Findings> hung;
  std::atomic<int> runs = 0;
  const TimedCheck<Findings> check{"the addresses", "look at the name server",
                                   [&runs, wait = hung.check()](const CheckInput& input) {
                                     ++runs;
                                     return wait(input);
                                   }};
  TaskPool pool("doctor");
  for (int i = 0; i < 3; ++i) {
    const auto findings = run_checks(pool, empty_input(), std::vector{check, kCheck}, in(200ms));
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].what == "checking the addresses: timed out");
    CHECK(findings[0].advice == "look at the name server");
    CHECK(findings[1].what == "fine");
  }
  CHECK(runs == 1);
  hung.release();
}
