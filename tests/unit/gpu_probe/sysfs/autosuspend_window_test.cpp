#include "gpu_probe/sysfs/autosuspend_window.h"

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

const AutosuspendWindow::Clock::time_point kStart{1000h};

// A sample every second, from `from` to before `to`.
void sample(AutosuspendWindow& chance, std::chrono::seconds from, std::chrono::seconds to,
            bool idle = true) {
  for (auto at = from; at < to; at += 1s) chance.sampled(idle, 5s, kStart + at);
}

}  // namespace

TEST_CASE("A card that was idle for a while is left alone a little longer than it needs") {
  AutosuspendWindow chance;
  sample(chance, 0s, 30s);
  CHECK(chance.left_alone_for(kStart + 29s) == 0s);
  sample(chance, 30s, 31s);
  CHECK(chance.left_alone_for(kStart + 30s) == 6s);
  CHECK(chance.left_alone_for(kStart + 35s) == 1s);
  CHECK(chance.left_alone_for(kStart + 36s) == 0s);
}

TEST_CASE("A card that did not fall asleep is read again, and has its next chance much later") {
  AutosuspendWindow chance;
  sample(chance, 0s, 31s);
  sample(chance, 36s, 600s);
  CHECK(chance.left_alone_for(kStart + 599s) == 0s);
  sample(chance, 600s, 640s);
  CHECK(chance.left_alone_for(kStart + 636s) > 0s);
}

TEST_CASE("A card that does something is not left alone") {
  AutosuspendWindow chance;
  sample(chance, 0s, 29s);
  sample(chance, 29s, 30s, false);
  sample(chance, 30s, 59s);
  CHECK(chance.left_alone_for(kStart + 59s) == 0s);
}

TEST_CASE("A card that does not fall asleep by itself is not left alone") {
  AutosuspendWindow chance;
  for (int i = 0; i < 100; ++i) chance.sampled(true, std::nullopt, kStart + i * 1s);
  CHECK(chance.left_alone_for(kStart + 100s) == 0s);
}
