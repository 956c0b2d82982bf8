#include "rig/threads/wakeup_event.h"

#include <poll.h>

#include "support/catch.h"

using namespace rig;

namespace {

bool is_readable(const WakeupEvent& event) {
  pollfd polled{event.fd(), POLLIN, 0};
  return poll(&polled, 1, 0) == 1;
}

}  // namespace

TEST_CASE(
    "An event is readable from a signal until it is cleared, however many signals there were") {
  const WakeupEvent event;
  CHECK_FALSE(is_readable(event));
  event.signal();
  event.signal();
  CHECK(is_readable(event));
  event.clear();
  CHECK_FALSE(is_readable(event));
  event.clear();  // does not block
}
