#include "gpu_probe/hardware_events.h"

#include <fcntl.h>
#include <unistd.h>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("Waiting for events ends in time, whether udev is available or not") {
  HardwareEvents events;
  const auto before = HardwareEvents::Clock::now();
  bool received = true;
  // A device of the machine that runs the test may be added in the meantime.
  for (int i = 0; i < 10 && received; ++i)
    received = events.wait(HardwareEvents::Clock::now() + 20ms);
  CHECK_FALSE(received);
  CHECK(HardwareEvents::Clock::now() - before >= 20ms);
}

TEST_CASE("A deadline in the past is not waited for") {
  HardwareEvents events;
  CHECK_FALSE(events.wait(HardwareEvents::Clock::now() - 1h));
}

TEST_CASE("A broken socket is not polled, and waiting still takes until the deadline") {
  HardwareEvents events;
  if (events.fd() < 0) return;  // udev is not available here
  int fds[2];
  REQUIRE(pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
  close(fds[1]);  // makes the other end permanently ready with POLLHUP
  REQUIRE(dup3(fds[0], events.fd(), O_CLOEXEC) >= 0);
  close(fds[0]);
  const auto until = HardwareEvents::Clock::now() + 30ms;
  CHECK_FALSE(events.wait(until));
  CHECK(HardwareEvents::Clock::now() >= until);
  CHECK(events.fd() < 0);
}

TEST_CASE("Waiting for events ends when another descriptor is readable") {
  HardwareEvents events;
  int fds[2];
  REQUIRE(pipe2(fds, O_CLOEXEC) == 0);
  REQUIRE(write(fds[1], "\n", 1) == 1);
  // A device of the machine that runs the test may be added in the meantime.
  while (events.wait_until_readable(fds[0])) {
  }
  char byte = 0;
  CHECK(read(fds[0], &byte, 1) == 1);
  close(fds[0]);
  close(fds[1]);
}
