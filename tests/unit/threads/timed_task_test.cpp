#include "rig/threads/timed_task.h"

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>

#include "support/catch.h"
#include "support/deadline.h"
#include "support/no_more_threads.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("An operation that returns in time has a value") {
  TimedTask<int> task("test", "/sys/x");
  const auto result = task.run([] { return 7; }, in(10s));
  REQUIRE(result);
  CHECK(*result == 7);
}

TEST_CASE("An exception becomes a problem, and the task can be used again") {
  TimedTask<int> task("test", "/sys/x");
  const auto failed = task.run([]() -> int { throw std::runtime_error("out of memory"); }, in(10s));
  CHECK(*failed.problem() == Problem{Reason::failed, "/sys/x", "out of memory"});
  const Problem denied{Reason::permission_denied, "/sys/y", "Permission denied"};
  CHECK(*task.run([&]() -> int { throw ReadError(denied); }, in(10s)).problem() == denied);
  CHECK(*task.run([&]() -> ReadResult<int> { return denied; }, in(10s)).problem() == denied);
  CHECK(*task.run([] { return 1; }, in(10s)) == 1);
}

TEST_CASE("An absent result is neither a value nor a problem") {
  TimedTask<int> task("test");
  const auto result = task.run([]() -> ReadResult<int> { return std::nullopt; }, in(10s));
  CHECK_FALSE(result);
  CHECK(result.problem() == nullptr);
}

TEST_CASE("A timeout names what was read") {
  TimedTask<int> task("test", "/sys/x");
  std::promise<void> gate;
  const auto work = [opened = gate.get_future().share()] {
    opened.wait();
    return 1;
  };
  CHECK(*task.run(work, in(10ms)).problem() ==
        Problem{Reason::timed_out, "/sys/x", "read timed out"});
  gate.set_value();
}

TEST_CASE(
    "A hung operation is waited for once, its result is dropped, and then the task works again") {
  TimedTask<int> task("test", "/sys/x");
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  const auto hang = [opened] {
    opened.wait();
    return 1;
  };
  CHECK(task.result(task.start(hang), in(20ms)).timed_out());
  CHECK(task.hung());

  const auto before = std::chrono::steady_clock::now();
  CHECK(task.result(task.start([] { return 2; }), in(1h)).timed_out());  // joins the hung run
  CHECK(std::chrono::steady_clock::now() - before < 10min);

  gate.set_value();
  while (task.hung()) std::this_thread::sleep_for(1ms);
  CHECK(*task.run([] { return 3; }, in(10s)) == 3);
}

TEST_CASE("Two callers at the same time share one run") {
  TimedTask<int> task("test", "/sys/x");
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<int> runs = 0;
  const auto work = [&] {
    opened.wait();
    return ++runs;
  };
  const auto first = task.start(work);
  const auto second = task.start(work);
  gate.set_value();
  CHECK(*task.result(first, in(10s)) == 1);
  CHECK(*task.result(second, in(10s)) == 1);
  CHECK(runs == 1);
}

TEST_CASE("A caller with an earlier deadline times out without affecting the others") {
  TimedTask<int> task("test", "/sys/x");
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  const auto work = [opened] {
    opened.wait();
    return 1;
  };
  const auto ticket = task.start(work);
  auto other = std::async(std::launch::async, [&] { return task.result(ticket, in(10s)); });
  std::this_thread::sleep_for(50ms);  // now the other caller waits
  CHECK(task.result(task.start(work), in(1ms)).timed_out());
  CHECK_FALSE(task.hung());
  gate.set_value();
  const auto result = other.get();
  REQUIRE(result);
  CHECK(*result == 1);
}

TEST_CASE("A task can be destroyed while its operation hangs") {
  const auto begun = std::make_shared<std::promise<void>>();
  const auto gate = std::make_shared<std::promise<void>>();
  const auto done = std::make_shared<std::promise<void>>();
  {
    TimedTask<int> task("test", "/sys/x");
    const auto hang = [begun, gate, done] {
      begun->set_value();
      gate->get_future().wait();
      done->set_value();
      return 1;
    };
    const auto ticket = task.start(hang);
    begun->get_future().wait();
    CHECK(task.result(ticket, in(1ms)).timed_out());
  }
  gate->set_value();
  done->get_future().wait();
}

TEST_CASE("Without a thread a task has a problem at once, which names the limit") {
  if (!kThreadsCanBeLimited) return;
  CHECK(holds_without_threads([] {
    TimedTask<int> task("test", "/sys/x");
    const auto start = std::chrono::steady_clock::now();
    const auto result = task.run([] { return 7; }, in(30s));
    const auto* const problem = result.problem();
    return problem != nullptr && problem->reason == Reason::failed && problem->path == "/sys/x" &&
           problem->detail.find("RLIMIT_NPROC") != std::string::npos &&
           std::chrono::steady_clock::now() - start < 10s;
  }));
}

TEST_CASE("The limit of a task can change while an operation runs") {
  const auto gate = std::make_shared<std::promise<void>>();
  TimedTask<int> task("test", "/sys/x", {std::chrono::seconds(60), {}});
  const auto ticket = task.start([gate] {
    gate->get_future().wait();
    return 1;
  });
  CHECK_FALSE(task.settled(ticket));
  task.set_limit(1ms);
  while (!task.settled(ticket)) std::this_thread::sleep_for(1ms);
  CHECK(task.result(ticket, in(30s)).timed_out());
  gate->set_value();
}
