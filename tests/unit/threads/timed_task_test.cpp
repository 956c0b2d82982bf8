#include "rig/threads/timed_task.h"

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

TEST_CASE("Work that comes back in time brings its value") {
  TimedTask<int> lane("test");
  const auto outcome = lane.finish(lane.start([] { return 7; }), in(10s));
  REQUIRE(outcome.value);
  CHECK(*outcome.value == 7);
  CHECK_FALSE(outcome.late);
}

TEST_CASE("Work that throws brings its words and the lane goes on") {
  TimedTask<int> lane("test");
  const auto outcome =
      lane.finish(lane.start([]() -> int { throw std::runtime_error("no such thing"); }), in(10s));
  CHECK_FALSE(outcome.value);
  CHECK(outcome.error == "no such thing");
  CHECK(*lane.finish(lane.start([] { return 1; }), in(10s)).value == 1);
}

TEST_CASE("Late work is waited for once, its answer is dropped, and then the lane works again") {
  TimedTask<int> lane("test");
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  const auto hang = [opened] {
    opened.wait();
    return 1;
  };
  CHECK(lane.finish(lane.start(hang), in(20ms)).late);
  CHECK(lane.stuck());

  const auto before = std::chrono::steady_clock::now();
  CHECK(lane.finish(lane.start([] { return 2; }), in(1h)).late);  // joins what is stuck
  CHECK(std::chrono::steady_clock::now() - before < 10min);

  gate.set_value();
  while (lane.stuck()) std::this_thread::sleep_for(1ms);
  CHECK(*lane.finish(lane.start([] { return 3; }), in(10s)).value == 3);
}

TEST_CASE("Two who ask at once share one piece of work") {
  TimedTask<int> lane("test");
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<int> runs = 0;
  const auto work = [&] {
    opened.wait();
    return ++runs;
  };
  const auto first = lane.start(work);
  const auto second = lane.start(work);
  gate.set_value();
  CHECK(*lane.finish(first, in(10s)).value == 1);
  CHECK(*lane.finish(second, in(10s)).value == 1);
  CHECK(runs == 1);
}

TEST_CASE("Who waits less than another gives up for himself only") {
  TimedTask<int> lane("test");
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  const auto work = [opened] {
    opened.wait();
    return 1;
  };
  const auto ticket = lane.start(work);
  auto patient = std::async(std::launch::async, [&] { return lane.finish(ticket, in(10s)); });
  std::this_thread::sleep_for(50ms);  // now the patient one waits
  CHECK(lane.finish(lane.start(work), in(1ms)).late);
  CHECK_FALSE(lane.stuck());
  gate.set_value();
  const auto outcome = patient.get();
  REQUIRE(outcome.value);
  CHECK(*outcome.value == 1);
}

TEST_CASE("A lane can be destroyed while its work hangs") {
  const auto begun = std::make_shared<std::promise<void>>();
  const auto gate = std::make_shared<std::promise<void>>();
  const auto done = std::make_shared<std::promise<void>>();
  {
    TimedTask<int> lane("test");
    const auto hang = [begun, gate, done] {
      begun->set_value();
      gate->get_future().wait();
      done->set_value();
      return 1;
    };
    const auto ticket = lane.start(hang);
    begun->get_future().wait();
    CHECK(lane.finish(ticket, in(1ms)).late);
  }
  gate->set_value();
  done->get_future().wait();
}
