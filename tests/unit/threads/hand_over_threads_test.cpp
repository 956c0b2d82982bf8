#include "rig/threads/hand_over_threads.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "support/catch.h"
#include "support/deadline.h"
#include "support/no_more_threads.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

void not_refused() { std::terminate(); }

}  // namespace

TEST_CASE("Operations run in the order in which they were posted, in one thread") {
  HandOverThreads threads("test", 1);
  std::string order;
  std::set<std::thread::id> ids;
  for (int round = 0; round < 2; ++round) {
    for (const char name : {'a', 'b', 'c'}) {
      threads.post(
          [&order, &ids, name] {
            order += name;
            ids.insert(std::this_thread::get_id());
          },
          not_refused);
    }
    std::promise<void> last;
    threads.post([&last] { last.set_value(); }, not_refused);
    last.get_future().wait();
  }
  CHECK(order == "abcabc");
  CHECK(ids.size() <= 2);  // the thread of the first round may not be idle again yet
}

TEST_CASE("What waits for an operation that takes long is handed over to another thread") {
  HandOverThreads threads("test", 1);
  std::promise<void> gate;
  std::promise<void> other;
  std::atomic<bool> returned = false;
  threads.post(
      [opened = gate.get_future().share(), &returned] {
        opened.wait();
        returned = true;
      },
      not_refused);
  threads.post([&other] { other.set_value(); }, not_refused);
  auto ran = other.get_future();
  while (ran.wait_for(1ms) != std::future_status::ready) threads.hand_over();
  CHECK_FALSE(returned);
  // That thread also runs what is posted later, without being told.
  std::promise<void> third;
  threads.post([&third] { third.set_value(); }, not_refused);
  third.get_future().wait();
  CHECK_FALSE(returned);
  gate.set_value();
  while (!returned) std::this_thread::sleep_for(1ms);
}

TEST_CASE(
    "After operations that hung have returned, as many threads as at the beginning are left") {
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  };
  HandOverThreads threads("test", 2, 1ms);
  const auto at_beginning = count();
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<int> hanging = 0;
  for (int i = 0; i < 8; ++i) {
    threads.post(
        [&hanging, opened] {
          ++hanging;
          opened.wait();
        },
        not_refused);
  }
  while (threads.hand_over()) std::this_thread::sleep_for(1ms);
  while (hanging < 8) std::this_thread::sleep_for(1ms);
  CHECK(count() > at_beginning);
  gate.set_value();
  while (count() > at_beginning) std::this_thread::sleep_for(1ms);
}

TEST_CASE("The threads can be destroyed while an operation is running, and drop what waits") {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto begun = std::make_shared<std::promise<void>>();
  const auto ended = std::make_shared<std::promise<void>>();
  {
    HandOverThreads threads("test", 1);
    threads.post(
        [gate, begun, ended] {
          begun->set_value();
          gate->get_future().wait();
          ended->set_value();
        },
        not_refused);
    begun->get_future().wait();
    threads.post([] { std::terminate(); }, not_refused);
  }
  gate->set_value();
  ended->get_future().wait();
}

TEST_CASE("One operation may hang when no thread can be created; what waits for two is refused") {
  if (!kThreadsCanBeLimited) return;
  std::unique_ptr<HandOverThreads> threads;
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  CHECK(holds_without_threads(
      [&] {
        std::atomic<int> hanging = 0;
        std::atomic<int> done = 0;
        std::atomic<int> refused = 0;
        const auto hang = [&hanging, opened] {
          ++hanging;
          opened.wait();
        };
        threads->post(hang, not_refused);
        threads->post([&done] { ++done; }, not_refused);
        while (done < 1) threads->hand_over();
        threads->post(hang, not_refused);
        while (hanging < 2) threads->hand_over();
        threads->post([&done] { ++done; }, [&refused] { ++refused; });
        while (done < 2 && refused == 0) threads->hand_over();
        return done == 1 && refused == 1;
      },
      [&] {
        threads = std::make_unique<HandOverThreads>("test", 2);
        std::promise<void> ran;  // the second thread exists then
        threads->post([&ran] { ran.set_value(); }, not_refused);
        ran.get_future().wait();
      }));
}
