#include "rig/threads/task_pool.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/catch.h"
#include "support/deadline.h"
#include "support/no_more_threads.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Work = std::function<ReadResult<int>()>;
using Results = std::map<std::string, ReadResult<int>>;

Results run(TaskPool& pool, const std::map<std::string, Work>& works,
            std::chrono::steady_clock::time_point deadline) {
  std::map<std::string, PoolTask<int>> tasks;
  for (const auto& [key, work] : works) tasks[key] = {"/sys/" + key, work};
  return pool.run_all<int>(std::move(tasks), deadline);
}

// An operation that hangs until the gate is opened.
class Gate {
 public:
  Work work() {
    return [opened = opened_, hanging = hanging_] {
      ++*hanging;
      opened.wait();
      --*hanging;
      return 1;
    };
  }
  bool is_hanging() const { return *hanging_ > 0; }
  void open() {
    gate_.set_value();
    while (*hanging_ > 0) std::this_thread::sleep_for(1ms);
  }

 private:
  std::promise<void> gate_;
  std::shared_future<void> opened_ = gate_.get_future().share();
  std::shared_ptr<std::atomic<int>> hanging_ = std::make_shared<std::atomic<int>>(0);
};

auto count_threads() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

// Until task "a" hangs, which is later than the deadline if the machine is busy.
void hang(TaskPool& pool, Gate& gate) {
  while (!gate.is_hanging()) run(pool, {{"a", gate.work()}}, in(50ms));
}

}  // namespace

TEST_CASE("A pool returns the value or the problem of each task") {
  TaskPool pool("test");
  const auto results = run(
      pool, {{"a", [] { return 1; }}, {"b", []() -> int { throw std::runtime_error("broken"); }}},
      in(10s));
  CHECK(*results.at("a") == 1);
  CHECK(*results.at("b").problem() == Problem{Reason::failed, "/sys/b", "broken"});
  CHECK(run(pool, {}, in(10s)).empty());
}

TEST_CASE("Tasks that return soon are all run by one thread") {
  TaskPool pool("test");
  std::set<std::thread::id> ids;
  for (int round = 0; round < 2; ++round) {
    std::map<std::string, PoolTask<std::thread::id>> tasks;
    for (int i = 0; i < 100; ++i)
      tasks[std::to_string(i)] = {"", [] { return std::this_thread::get_id(); }};
    for (const auto& [key, id] : pool.run_all<std::thread::id>(std::move(tasks), in(10s)))
      ids.insert(*id);
  }
  // On a busy machine a second thread may be started.
  CHECK(ids.size() <= 2);
}

TEST_CASE("Without tasks no thread is created, and a hung one is not waited for") {
  TaskPool pool("test");
  const auto threads = count_threads();
  CHECK(run(pool, {}, in(10s)).empty());
  CHECK(count_threads() <= threads);
  Gate gate;
  hang(pool, gate);
  const auto start = std::chrono::steady_clock::now();
  CHECK(run(pool, {}, in(1h)).empty());
  CHECK(std::chrono::steady_clock::now() - start < 1min);
  gate.open();
}

TEST_CASE("A hung task times out, and all others are run before the same deadline") {
  Gate gate;
  TaskPool pool("test");
  std::map<std::string, Work> works = {{"a", gate.work()}, {"c", gate.work()}};
  for (const auto* key : {"b", "d", "e"}) works[key] = [] { return 2; };
  const auto results = run(pool, works, in(500ms));
  for (const auto* key : {"a", "c"})
    CHECK(*results.at(key).problem() == Problem::timed_out(std::string("/sys/") + key));
  for (const auto* key : {"b", "d", "e"}) CHECK(results.at(key));
  gate.open();
}

TEST_CASE("A task that hangs times out at once when it is run again, until it returns") {
  Gate gate;
  TaskPool pool("test");
  hang(pool, gate);
  const auto before = std::chrono::steady_clock::now();
  const auto results = run(pool, {{"a", [] { return 2; }}, {"b", [] { return 3; }}}, in(1h));
  CHECK(std::chrono::steady_clock::now() - before < 10min);
  CHECK(results.at("a").timed_out());
  CHECK(*results.at("b") == 3);

  gate.open();
  int value = 0;
  while (value == 0) value = run(pool, {{"a", [] { return 4; }}}, in(10s)).at("a").value_or(0);
  CHECK(value == 4);
}

TEST_CASE("A task that was not started by the deadline times out and is not started later") {
  TaskPool pool("test");
  const auto started = std::make_shared<std::atomic<bool>>(false);
  const Work work = [started] {
    *started = true;
    return 1;
  };
  CHECK(run(pool, {{"a", work}}, in(-1s)).at("a").timed_out());
  CHECK(*run(pool, {{"b", [] { return 2; }}}, in(10s)).at("b") == 2);
  CHECK_FALSE(*started);
}

TEST_CASE("A pool can be destroyed while a task hangs") {
  Gate gate;
  {
    TaskPool pool("test");
    CHECK(run(pool, {{"a", gate.work()}}, in(20ms)).at("a").timed_out());
  }
  gate.open();
}

TEST_CASE("A hung task that is not run again is not waited for") {
  TaskPool pool("test");
  Gate gate;
  CHECK(run(pool, {{"hung", gate.work()}}, in(10ms)).at("hung").timed_out());
  const auto start = std::chrono::steady_clock::now();
  CHECK(run(pool, {}, in(10s)).empty());
  CHECK(*run(pool, {{"other", [] { return 2; }}}, in(10s)).at("other") == 2);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  gate.open();
}

TEST_CASE("Idle threads are used before new ones are created, also at the limit") {
  constexpr int kMaxThreads = 32;
  TaskPool pool("test");
  for (int round = 0; round < 2; ++round) {
    // Each returns once all have started, which requires one thread per task.
    const auto started = std::make_shared<std::atomic<int>>(0);
    std::map<std::string, Work> works;
    for (int i = 0; i < kMaxThreads; ++i) {
      works[std::to_string(i)] = [started] {
        ++*started;
        while (*started < kMaxThreads) std::this_thread::sleep_for(1ms);
        return 1;
      };
    }
    for (const auto& [key, result] : run(pool, works, in(30s))) CHECK(result);
    *started = kMaxThreads;
  }
}

TEST_CASE("Without a thread all tasks of a pool have a problem at once, which names the limit") {
  if (!kThreadsCanBeLimited) return;
  CHECK(holds_without_threads([] {
    TaskPool pool("test");
    const auto start = std::chrono::steady_clock::now();
    const auto results = run(pool, {{"a", [] { return 1; }}, {"b", [] { return 2; }}}, in(30s));
    for (const auto& [key, result] : results) {
      const auto* const problem = result.problem();
      if (problem == nullptr || problem->reason != Reason::failed) return false;
      if (problem->path != "/sys/" + key) return false;
      if (problem->detail.find("RLIMIT_NPROC") == std::string::npos) return false;
    }
    return results.size() == 2 && std::chrono::steady_clock::now() - start < 10s;
  }));
}

TEST_CASE("A pool whose only thread hangs does not wait for one that cannot be created") {
  if (!kThreadsCanBeLimited) return;
  std::unique_ptr<TaskPool> pool;
  Gate gate;
  CHECK(holds_without_threads(
      [&] {
        const auto start = std::chrono::steady_clock::now();
        const auto results = run(*pool, {{"a", gate.work()}, {"b", [] { return 2; }}}, in(30s));
        return results.at("a").problem()->reason == Reason::timed_out &&
               results.at("b").problem()->reason == Reason::failed &&
               std::chrono::steady_clock::now() - start < 10s;
      },
      [&] {
        pool = std::make_unique<TaskPool>("test");
        hang(*pool, gate);
      }));
}
