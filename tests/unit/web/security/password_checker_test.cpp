#include "web/security/password_checker.h"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

#include "support/catch.h"

namespace rig {
namespace {

using namespace std::chrono_literals;
using Result = PasswordChecker::Result;

bool is_right(const std::string& password, const std::string& /*hash*/) {
  return password == "right";
}

std::future<Result> result_of(PasswordChecker& checker, const std::string& client,
                              const std::string& password) {
  auto result = std::make_shared<std::promise<Result>>();
  auto future = result->get_future();
  if (!checker.check(client, password, "hash", [result](Result r) { result->set_value(r); }))
    return {};
  return future;
}

// Comparisons wait until it is opened.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_for_arrival() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return arrived_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int arrived_ = 0;
};

}  // namespace

TEST_CASE("passwords are compared in another thread") {
  PasswordChecker checker(&is_right, {});
  CHECK(result_of(checker, "a", "right").get() == Result::match);
  CHECK(result_of(checker, "a", "wrong").get() == Result::mismatch);
}

TEST_CASE("a client's next password waits after a wrong one, and longer after each further one") {
  PasswordChecker::Limits limits;
  limits.pause = 40ms;
  limits.longest_pause = 80ms;
  PasswordChecker checker(&is_right, limits);
  const auto start = PasswordChecker::Clock::now();
  CHECK(result_of(checker, "a", "wrong").get() == Result::mismatch);
  CHECK(result_of(checker, "a", "wrong").get() == Result::mismatch);
  CHECK(PasswordChecker::Clock::now() - start >= 40ms);
  CHECK(result_of(checker, "a", "right").get() == Result::match);
  CHECK(PasswordChecker::Clock::now() - start >= 120ms);
}

TEST_CASE("a client does not wait for the wrong passwords of another one") {
  PasswordChecker::Limits limits;
  limits.pause = 1h;
  limits.longest_pause = 1h;
  PasswordChecker checker(&is_right, limits);
  CHECK(result_of(checker, "a", "wrong").get() == Result::mismatch);
  const auto waiting = result_of(checker, "a", "right");
  CHECK(result_of(checker, "b", "right").get() == Result::match);
  CHECK(waiting.wait_for(0s) == std::future_status::timeout);
}

TEST_CASE("clients take turns, however many passwords one of them sends") {
  Gate gate;
  std::mutex mutex;
  std::vector<std::string> order;
  PasswordChecker checker(
      [&](const std::string& password, const std::string&) {
        gate.pass();
        const std::lock_guard lock(mutex);
        order.push_back(password);
        return true;
      },
      {});
  std::vector<std::future<Result>> results;
  results.push_back(result_of(checker, "a", "a1"));
  gate.wait_for_arrival();
  for (const char* const password : {"a2", "a3", "a4"})
    results.push_back(result_of(checker, "a", password));
  results.push_back(result_of(checker, "b", "b1"));
  gate.open();
  for (auto& result : results) CHECK(result.get() == Result::match);
  CHECK(order == std::vector<std::string>{"a1", "b1", "a2", "a3", "a4"});
}

TEST_CASE("a password that several requests of a client send is compared once") {
  Gate gate;
  std::atomic<int> compared = 0;
  PasswordChecker checker(
      [&](const std::string&, const std::string&) {
        gate.pass();
        ++compared;
        return false;
      },
      {});
  std::vector<std::future<Result>> results;
  for (int i = 0; i < 5; ++i) results.push_back(result_of(checker, "a", "wrong"));
  gate.open();
  for (auto& result : results) CHECK(result.get() == Result::mismatch);
  CHECK(compared == 1);
}

TEST_CASE("only so many passwords of a client wait") {
  Gate gate;
  PasswordChecker::Limits limits;
  limits.waiting_per_client = 2;
  PasswordChecker checker(
      [&](const std::string&, const std::string&) {
        gate.pass();
        return true;
      },
      limits);
  const auto first = result_of(checker, "a", "1");
  gate.wait_for_arrival();
  const auto second = result_of(checker, "a", "2");
  const auto third = result_of(checker, "a", "3");
  CHECK(third.valid());
  CHECK_FALSE(result_of(checker, "a", "4").valid());
  CHECK(result_of(checker, "b", "1").valid());
  gate.open();
  third.wait();
}

TEST_CASE("only so many clients are remembered, and those that wait are not forgotten") {
  PasswordChecker::Limits limits;
  limits.clients = 2;
  limits.pause = 1h;
  limits.longest_pause = 1h;
  PasswordChecker checker(&is_right, limits);
  for (const char* const client : {"a", "b"})
    CHECK(result_of(checker, client, "wrong").get() == Result::mismatch);
  const auto waiting_a = result_of(checker, "a", "right");
  CHECK(result_of(checker, "c", "right").get() == Result::match);  // instead of b
  const auto waiting_b = result_of(checker, "b", "wrong");         // instead of c
  CHECK(waiting_b.valid());
  CHECK(waiting_a.wait_for(0s) == std::future_status::timeout);
}

TEST_CASE("passwords that wait when the checker stops are not compared") {
  PasswordChecker::Limits limits;
  limits.pause = 1h;
  limits.longest_pause = 1h;
  PasswordChecker checker(&is_right, limits);
  CHECK(result_of(checker, "a", "wrong").get() == Result::mismatch);
  auto waiting = result_of(checker, "a", "right");
  checker.stop();
  CHECK(waiting.get() == Result::stopped);
  CHECK_FALSE(result_of(checker, "b", "right").valid());
}

}  // namespace rig
