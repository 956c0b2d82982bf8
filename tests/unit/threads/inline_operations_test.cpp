#include "rig/threads/inline_operations.h"

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "rig/threads/task_pool.h"
#include "rig/threads/timed_task.h"
#include "support/catch.h"
#include "support/deadline.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Ids = std::map<std::string, ReadResult<std::thread::id>>;

std::function<ReadResult<std::thread::id>()> own_id(std::chrono::milliseconds after = 0ms) {
  return [after] {
    std::this_thread::sleep_for(after);
    return std::this_thread::get_id();
  };
}

Ids run_all(TaskPool& pool, const std::set<std::string>& keys,
            std::chrono::milliseconds after = 0ms) {
  std::map<std::string, PoolTask<std::thread::id>> tasks;
  for (const auto& key : keys) tasks[key] = {"/sys/" + key, own_id(after)};
  return pool.run_all(std::move(tasks), in(10s));
}

// A thread with InlineOperations that runs a function whose operation hangs until open().
class HangingThread {
 public:
  using Operation = std::function<int()>;

  explicit HangingThread(std::function<void(const Operation&)> function)
      : given_up_(std::async(std::launch::async, [this, function = std::move(function)] {
          const InlineOperations::Installed installed(operations);
          try {
            function([this] {
              ++calls;
              gate_.get_future().wait();
              return 1;
            });
          } catch (const InlineOperations::GivenUp&) {
            return true;
          }
          return false;
        })) {}
  ~HangingThread() { open(); }

  void give_up() {
    while (!operations.give_up_hung()) std::this_thread::sleep_for(1ms);
  }
  void open() {
    if (!opened_) gate_.set_value();
    opened_ = true;
  }
  // Whether the thread was unwound because of it.
  bool was_given_up() {
    open();
    return given_up_.get();
  }

  InlineOperations operations;
  std::atomic<int> calls = 0;

 private:
  bool opened_ = false;
  std::promise<void> gate_;
  std::future<bool> given_up_;
};

}  // namespace

TEST_CASE("Operations run in the thread in which InlineOperations are installed") {
  TimedTask<std::thread::id> task("test");
  TaskPool pool("test");
  InlineOperations operations;
  {
    const InlineOperations::Installed installed(operations);
    CHECK(*task.run(own_id(), in(10s)) == std::this_thread::get_id());
    for (const auto& [key, id] : run_all(pool, {"a", "b"}))
      CHECK(*id == std::this_thread::get_id());
  }
  CHECK(*task.run(own_id(), in(10s)) != std::this_thread::get_id());
  for (const auto& [key, id] : run_all(pool, {"a", "b"})) CHECK(*id != std::this_thread::get_id());
}

TEST_CASE("A failed operation is a problem, also within another one") {
  TimedTask<int> outer("test", "/outer");
  TimedTask<int> inner("test", "/inner");
  InlineOperations operations;
  const InlineOperations::Installed installed(operations);
  const auto work = [&] {
    const auto result = inner.run([]() -> int { throw std::runtime_error("broken"); }, in(10s));
    CHECK(*result.problem() == Problem{Reason::failed, "/inner", "broken"});
    return 1;
  };
  CHECK(*outer.run(work, in(10s)) == 1);
  CHECK(*inner.run([] { return 2; }, in(10s)) == 2);
}

TEST_CASE("Tasks of a pool that were not started by the deadline time out, also inline") {
  TaskPool pool("test");
  InlineOperations operations;
  const InlineOperations::Installed installed(operations);
  std::map<std::string, PoolTask<int>> tasks{{"a", {"/sys/a", [] { return 1; }}}};
  CHECK(pool.run_all(std::move(tasks), in(-1s)).at("a").timed_out());
}

TEST_CASE("An operation that was slow gets a thread the next time, until it is fast again") {
  TimedTask<std::thread::id> task("test");
  TaskPool pool("test");
  InlineOperations operations;
  const InlineOperations::Installed installed(operations);
  const auto here = std::this_thread::get_id();
  CHECK(*task.run(own_id(InlineOperations::kSlow), in(10s)) == here);
  CHECK(*task.run(own_id(InlineOperations::kSlow), in(10s)) != here);
  while (*task.run(own_id(), in(10s)) != here) std::this_thread::yield();

  CHECK(*run_all(pool, {"a"}, InlineOperations::kSlow).at("a") == here);
  auto ids = run_all(pool, {"a", "b", "c"}, InlineOperations::kSlow);
  CHECK(*ids.at("a") != here);
  CHECK(*ids.at("b") == here);
  CHECK(*ids.at("c") != here);  // since "b" was slow
  while (*run_all(pool, {"a"}).at("a") != here) std::this_thread::yield();
}

TEST_CASE("What is thrown by an operation that was given up is GivenUp") {
  InlineOperations operations(0ms);
  const InlineOperations::Installed installed(operations);
  const auto fail = [&] {
    CHECK(operations.give_up_hung());
    throw std::bad_alloc();
  };
  CHECK_THROWS_AS(operations.run(fail), InlineOperations::GivenUp);
}

TEST_CASE("A hung operation of a task is given up, and another thread gets its result") {
  TimedTask<int> task("test", "/sys/x");
  HangingThread thread([&](const auto& hang) { task.run(hang, in(1h)); });
  CHECK_FALSE(thread.operations.give_up_hung());
  thread.give_up();
  CHECK_FALSE(thread.operations.give_up_hung());
  const auto joined = task.start([] { return 2; });
  thread.open();
  CHECK(*task.result(joined, in(10s)) == 1);
  CHECK(thread.was_given_up());
  CHECK(*task.run([] { return 3; }, in(10s)) == 3);
}

TEST_CASE("A hung operation that was given up times out, for later callers at once") {
  TimedTask<int> task("test", "/sys/x");
  HangingThread thread([&](const auto& hang) { task.run(hang, in(1h)); });
  thread.give_up();
  CHECK(task.run([] { return 2; }, in(10ms)).timed_out());
  InlineOperations operations;
  const InlineOperations::Installed installed(operations);
  const auto before = std::chrono::steady_clock::now();
  CHECK(task.run([] { return 2; }, in(1h)).timed_out());
  CHECK(std::chrono::steady_clock::now() - before < 10min);
  CHECK(thread.was_given_up());
}

TEST_CASE("A hung task of a pool is given up, and another thread runs the rest and joins it") {
  TaskPool pool("test");
  std::atomic<int> later = 0;
  const auto run_abc = [&](const HangingThread::Operation& b) {
    std::map<std::string, PoolTask<int>> tasks;
    tasks["a"] = {"/sys/a", [] { return 7; }};
    tasks["b"] = {"/sys/b", b};
    tasks["c"] = {"/sys/c", [&later] { return ++later; }};
    return pool.run_all(std::move(tasks), in(10s));
  };
  HangingThread thread([&](const auto& hang) { run_abc(hang); });
  thread.give_up();
  CHECK(later == 0);
  auto rest = std::async(std::launch::async, [&] { return run_abc([] { return 2; }); });
  while (later == 0) std::this_thread::sleep_for(1ms);
  thread.open();
  auto results = rest.get();
  CHECK(*results.at("a") == 7);
  CHECK(*results.at("b") == 1);
  CHECK(*results.at("c") == 1);
  CHECK(thread.calls == 1);
  CHECK(thread.was_given_up());
  CHECK(later == 1);
}

TEST_CASE("A hung task of a pool that was given up times out, for later callers at once") {
  TaskPool pool("test");
  const auto run_b = [&](const HangingThread::Operation& b, auto deadline) {
    std::map<std::string, PoolTask<int>> tasks{{"b", {"/sys/b", b}}};
    return pool.run_all(std::move(tasks), deadline);
  };
  HangingThread thread([&](const auto& hang) { run_b(hang, in(1h)); });
  thread.give_up();
  CHECK(run_b([] { return 2; }, in(10ms)).at("b").timed_out());
  const auto before = std::chrono::steady_clock::now();
  CHECK(run_b([] { return 2; }, in(1h)).at("b").timed_out());
  {
    InlineOperations operations;
    const InlineOperations::Installed installed(operations);
    CHECK(run_b([] { return 2; }, in(1h)).at("b").timed_out());
  }
  // A caller that does not have it among its tasks does not wait for it either.
  CHECK(run_all(pool, {"a"}).at("a"));
  CHECK(std::chrono::steady_clock::now() - before < 10min);
  CHECK(thread.was_given_up());
}

TEST_CASE("Of operations within each other the outermost one is given up") {
  TimedTask<int> outer("test", "/outer");
  TimedTask<int> inner("test", "/inner");
  HangingThread thread([&](const auto& hang) {
    const auto work = [&inner, hang] { return *inner.run(hang, in(1h)) + 10; };
    outer.run(work, in(1h));
  });
  thread.give_up();
  const auto joined = outer.start([] { return 2; });
  thread.open();
  CHECK(*outer.result(joined, in(10s)) == 11);
  CHECK(thread.was_given_up());
}
