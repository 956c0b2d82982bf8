#include "rig/threads/task_pool.h"

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Pieces = std::map<std::string, std::function<int()>>;

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

// Work that hangs until it is let go.
class Gate {
 public:
  std::function<int()> work() {
    return [opened = opened_, hanging = hanging_] {
      ++*hanging;
      opened.wait();
      --*hanging;
      return 1;
    };
  }
  void open() {
    gate_.set_value();
    while (*hanging_ > 0) std::this_thread::sleep_for(1ms);
  }

 private:
  std::promise<void> gate_;
  std::shared_future<void> opened_ = gate_.get_future().share();
  std::shared_ptr<std::atomic<int>> hanging_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace

TEST_CASE("A crew brings the value of each piece, or its words") {
  TaskPool crew("test");
  const auto outcomes = crew.run<int>(
      {{"a", [] { return 1; }}, {"b", []() -> int { throw std::runtime_error("no such thing"); }}},
      in(10s));
  CHECK(*outcomes.at("a").value == 1);
  CHECK_FALSE(outcomes.at("b").value);
  CHECK(outcomes.at("b").error == "no such thing");
  CHECK(crew.run<int>({}, in(10s)).empty());
}

TEST_CASE("Pieces that come back soon are all done by one thread") {
  TaskPool crew("test");
  std::map<std::string, std::function<std::thread::id()>> pieces;
  for (int i = 0; i < 100; ++i)
    pieces[std::to_string(i)] = [] { return std::this_thread::get_id(); };
  std::set<std::thread::id> ids;
  for (int round = 0; round < 2; ++round) {
    for (const auto& [key, outcome] : crew.run<std::thread::id>(pieces, in(10s)))
      ids.insert(*outcome.value);
  }
  // On a machine that stops for a moment a second one may be called.
  CHECK(ids.size() <= 2);
}

TEST_CASE("What hangs is late, and all others are done within the same deadline") {
  Gate gate;
  TaskPool crew("test");
  Pieces pieces = {{"a", gate.work()}, {"c", gate.work()}};
  for (const auto* key : {"b", "d", "e"}) pieces[key] = [] { return 2; };
  const auto outcomes = crew.run<int>(pieces, in(500ms));
  for (const auto* key : {"a", "c"}) CHECK(outcomes.at(key).late);
  for (const auto* key : {"b", "d", "e"}) CHECK(outcomes.at(key).value);
  gate.open();
}

TEST_CASE("A piece that hangs is late at once for who asks again, until it comes back") {
  Gate gate;
  TaskPool crew("test");
  CHECK(crew.run<int>({{"a", gate.work()}}, in(50ms)).at("a").late);
  const auto before = std::chrono::steady_clock::now();
  const auto outcomes = crew.run<int>({{"a", [] { return 2; }}, {"b", [] { return 3; }}}, in(1h));
  CHECK(std::chrono::steady_clock::now() - before < 10min);
  CHECK(outcomes.at("a").late);
  CHECK(*outcomes.at("b").value == 3);

  gate.open();
  std::optional<int> value;
  while (!value) {
    const auto outcome = crew.run<int>({{"a", [] { return 4; }}}, in(10s)).at("a");
    if (outcome.value) value = *outcome.value;
  }
  CHECK(value == 4);
}

TEST_CASE("What was not begun by the deadline is late and is not begun later") {
  Gate gate;
  TaskPool crew("test");
  const auto begun = std::make_shared<std::atomic<bool>>(false);
  const auto outcomes = crew.run<int>({{"a",
                                        [begun] {
                                          *begun = true;
                                          return 1;
                                        }}},
                                      in(-1s));
  CHECK(outcomes.at("a").late);
  CHECK(*crew.run<int>({{"b", [] { return 2; }}}, in(10s)).at("b").value == 2);
  CHECK_FALSE(*begun);
}

TEST_CASE("A crew can be destroyed while work hangs") {
  Gate gate;
  {
    TaskPool crew("test");
    CHECK(crew.run<int>({{"a", gate.work()}}, in(20ms)).at("a").late);
  }
  gate.open();
}

TEST_CASE("Work that hangs and that nobody asks for any more is not waited for") {
  TaskPool crew("test");
  Gate gate;
  CHECK(crew.run<int>({{"hung", gate.work()}}, in(10ms)).at("hung").late);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(crew.run<int>({}, in(10s)).empty());
  CHECK(*crew.run<int>({{"other", [] { return 2; }}}, in(10s)).at("other").value == 2);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  gate.open();
}

TEST_CASE("Threads that have nothing to do are called before new ones, also when there are all") {
  constexpr int kMostThreads = 32;
  TaskPool crew("test");
  for (int round = 0; round < 2; ++round) {
    // Each comes back once all have begun: it takes as many threads.
    const auto begun = std::make_shared<std::atomic<int>>(0);
    Pieces pieces;
    for (int i = 0; i < kMostThreads; ++i) {
      pieces[std::to_string(i)] = [begun] {
        ++*begun;
        while (*begun < kMostThreads) std::this_thread::sleep_for(1ms);
        return 1;
      };
    }
    for (const auto& [key, outcome] : crew.run<int>(pieces, in(30s))) CHECK(outcome.value);
    *begun = kMostThreads;
  }
}
