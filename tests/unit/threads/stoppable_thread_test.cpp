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

constexpr auto kForever = std::chrono::milliseconds(-1);

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

TEST_CASE("A body that waits for events ends when it is told to") {
  const Pipe pipe;
  std::promise<rig::Awaited> awaited;
  {
    const rig::StoppableThread thread(
        "test",
        [&](int stop) { awaited.set_value(rig::await(stop, pipe.out.get(), POLLIN, kForever)); },
        never_fails);
  }
  CHECK(awaited.get_future().get().stop);
}

TEST_CASE("An event wakes the body") {
  const Pipe pipe;
  std::promise<rig::Awaited> awaited;
  const rig::StoppableThread thread(
      "test",
      [&](int stop) { awaited.set_value(rig::await(stop, pipe.out.get(), POLLIN, kForever)); },
      never_fails);
  REQUIRE(write(pipe.in.get(), "!", 1) == 1);
  const auto got = awaited.get_future().get();
  CHECK_FALSE(got.stop);
  CHECK(got.events == POLLIN);
}

TEST_CASE("A wait without an event ends when its time is up") {
  const Pipe pipe;
  const auto got = rig::await(-1, pipe.out.get(), POLLIN, 1ms);
  CHECK_FALSE(got.stop);
  CHECK(got.events == 0);
}

TEST_CASE("A body that hangs is left behind and keeps what it owns") {
  std::promise<void> gate;
  const auto shared = std::make_shared<std::atomic<int>>(0);
  std::promise<void> begun;
  {
    const rig::StoppableThread thread(
        "test",
        [opened = gate.get_future().share(), shared, &begun](int stop) {
          begun.set_value();
          opened.wait();
          *shared = rig::await(stop, -1, 0, kForever).stop ? 1 : 2;
        },
        never_fails);
    begun.get_future().wait();
  }  // this does not wait for the gate
  CHECK(*shared == 0);
  gate.set_value();
  while (*shared == 0) usleep(1000);
  CHECK(*shared == 1);  // the descriptor was still there
  while (shared.use_count() > 1) usleep(1000);
}

TEST_CASE("A body that throws ends alone, and its words are told") {
  std::promise<std::string> told;
  const rig::StoppableThread thread(
      "test", [](int /*stop*/) { throw std::runtime_error("no such thing"); },
      [&](const std::string& error) { told.set_value(error); });
  CHECK(told.get_future().get() == "no such thing");
}
