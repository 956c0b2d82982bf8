#include "gpu_probe/sysfs/autosuspend_window.h"

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

const AutosuspendWindow::Clock::time_point kStart{1000h};

// A sample every second, from `from` to before `to`.
void sample(AutosuspendWindow& window, std::chrono::seconds from, std::chrono::seconds to,
            bool idle = true) {
  for (auto at = from; at < to; at += 1s) window.update(idle, 5s, kStart + at);
}

}  // namespace

TEST_CASE("An idle GPU is not read for a little longer than its autosuspend delay") {
  AutosuspendWindow window;
  sample(window, 0s, 30s);
  CHECK(window.remaining(kStart + 29s) == 0s);
  sample(window, 30s, 31s);
  CHECK(window.remaining(kStart + 30s) == 6s);
  CHECK(window.remaining(kStart + 35s) == 1s);
  CHECK(window.remaining(kStart + 36s) == 0s);
}

TEST_CASE("A GPU that stayed active is read again, and the next pause comes much later") {
  AutosuspendWindow window;
  sample(window, 0s, 31s);
  sample(window, 36s, 600s);
  CHECK(window.remaining(kStart + 599s) == 0s);
  sample(window, 600s, 640s);
  CHECK(window.remaining(kStart + 636s) > 0s);
}

TEST_CASE("A GPU that was briefly busy is read") {
  AutosuspendWindow window;
  sample(window, 0s, 29s);
  sample(window, 29s, 30s, false);
  sample(window, 30s, 59s);
  CHECK(window.remaining(kStart + 59s) == 0s);
}

TEST_CASE("A GPU that does not autosuspend is read") {
  AutosuspendWindow window;
  for (int i = 0; i < 100; ++i) window.update(true, std::nullopt, kStart + i * 1s);
  CHECK(window.remaining(kStart + 100s) == 0s);
}
