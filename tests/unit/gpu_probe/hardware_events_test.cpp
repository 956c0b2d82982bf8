#include "gpu_probe/hardware_events.h"

#include <fcntl.h>
#include <unistd.h>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("Waiting for events ends in time, whether udev can be listened to or not") {
  HardwareEvents events;
  const auto before = HardwareEvents::Clock::now();
  bool heard = true;
  // A device of this very machine may come meanwhile.
  for (int i = 0; i < 10 && heard; ++i) heard = events.wait(HardwareEvents::Clock::now() + 20ms);
  CHECK_FALSE(heard);
  CHECK(HardwareEvents::Clock::now() - before >= 20ms);
}

TEST_CASE("A time that is over is not waited for") {
  HardwareEvents events;
  CHECK_FALSE(events.wait(HardwareEvents::Clock::now() - 1h));
}

TEST_CASE("A socket that broke is not waited on, and time is waited for all the same") {
  HardwareEvents events;
  if (events.descriptor() < 0) return;  // udev cannot be listened to here
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  close(ends[1]);  // whoever polls the other end is told at once, each time, that it is over
  REQUIRE(dup3(ends[0], events.descriptor(), O_CLOEXEC) >= 0);
  close(ends[0]);
  const auto until = HardwareEvents::Clock::now() + 30ms;
  CHECK_FALSE(events.wait(until));
  CHECK(HardwareEvents::Clock::now() >= until);
  CHECK(events.descriptor() < 0);
}
