#include "hardware_events.h"

#include "catch.h"

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
