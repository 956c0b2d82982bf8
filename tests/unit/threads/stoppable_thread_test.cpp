#include "rig/threads/stoppable_thread.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/catch.h"

using namespace std::chrono_literals;

namespace {

constexpr auto kNoTimeout = std::chrono::milliseconds(-1);

void never_fails(const std::string& error) { FAIL(error); }

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    out = rig::UniqueFd(ends[0]);
    in = rig::UniqueFd(ends[1]);
  }
  rig::UniqueFd out;
  rig::UniqueFd in;
};

}  // namespace

TEST_CASE("A body that waits for events returns when the thread is stopped") {
  const Pipe pipe;
  std::promise<rig::PollResult> polled;
  {
    const rig::StoppableThread thread(
        "test",
        [&](const rig::StopToken& stop) {
          polled.set_value(rig::poll_until_stopped(stop, pipe.out.get(), POLLIN, kNoTimeout));
        },
        never_fails);
  }
  CHECK(polled.get_future().get().stop);
}

TEST_CASE("An event wakes the body") {
  const Pipe pipe;
  std::promise<rig::PollResult> polled;
  const rig::StoppableThread thread(
      "test",
      [&](const rig::StopToken& stop) {
        polled.set_value(rig::poll_until_stopped(stop, pipe.out.get(), POLLIN, kNoTimeout));
      },
      never_fails);
  REQUIRE(write(pipe.in.get(), "!", 1) == 1);
  const auto got = polled.get_future().get();
  CHECK_FALSE(got.stop);
  CHECK(got.events == POLLIN);
}

TEST_CASE("A poll without an event times out") {
  const Pipe pipe;
  const auto got = rig::poll_until_stopped(rig::StopToken(-1), pipe.out.get(), POLLIN, 1ms);
  CHECK_FALSE(got.stop);
  CHECK(got.events == 0);
}

TEST_CASE("A body that hangs is left behind and keeps the objects that it owns") {
  std::promise<void> gate;
  const auto shared = std::make_shared<std::atomic<int>>(0);
  std::promise<void> started;
  {
    const rig::StoppableThread thread(
        "test",
        [opened = gate.get_future().share(), shared, &started](const rig::StopToken& stop) {
          started.set_value();
          opened.wait();
          *shared = rig::poll_until_stopped(stop, -1, 0, kNoTimeout).stop ? 1 : 2;
        },
        never_fails);
    started.get_future().wait();
  }  // does not wait for the gate
  CHECK(*shared == 0);
  gate.set_value();
  while (*shared == 0) usleep(1000);
  CHECK(*shared == 1);  // the descriptor was still open
  while (shared.use_count() > 1) usleep(1000);
}

TEST_CASE("An exception of the body is reported") {
  std::promise<std::string> reported;
  const rig::StoppableThread thread(
      "test", [](const rig::StopToken&) { throw std::runtime_error("no such thing"); },
      [&](const std::string& error) { reported.set_value(error); });
  CHECK(reported.get_future().get() == "no such thing");
}

TEST_CASE("Stopping waits for the body until the timeout") {
  std::promise<void> gate;
  rig::StoppableThread thread(
      "test", [opened = gate.get_future().share()](const rig::StopToken&) { opened.wait(); },
      never_fails);
  CHECK_FALSE(thread.finished());
  CHECK_FALSE(thread.stop(1ms));
  gate.set_value();
  while (!thread.finished()) usleep(1000);
  CHECK(thread.stop(0ms));
}

TEST_CASE("A token reports that a stop was requested") {
  std::promise<bool> before;
  std::promise<bool> after;
  rig::StoppableThread thread(
      "test",
      [&](const rig::StopToken& stop) {
        before.set_value(stop.stop_requested());
        after.set_value(stop.wait_for(1h));
      },
      never_fails);
  CHECK_FALSE(before.get_future().get());
  CHECK(thread.stop(10s));
  CHECK(after.get_future().get());
}
