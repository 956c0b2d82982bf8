#include "host/monotonic_ticks.h"

#include "support/catch.h"

using namespace rig;

namespace {

constexpr std::size_t kIowait = 4;

// What is shown of CPU 0 when the kernel says so.
std::optional<std::uint64_t> iowait(MonotonicTicks& rising, std::uint64_t ticks) {
  CpuTicks cpu{.cpu = "0", .ticks = {}};
  cpu.ticks[kIowait] = ticks;
  return rising.rise({cpu}).at(0).ticks[kIowait];
}

}  // namespace

TEST_CASE("Ticks that run backwards stand until the kernel's are larger") {
  MonotonicTicks rising(100);
  CHECK(iowait(rising, 1000) == 1000U);
  CHECK(iowait(rising, 990) == 1000U);
  CHECK(iowait(rising, 995) == 1000U);
  CHECK(iowait(rising, 1001) == 1001U);
}

TEST_CASE("A long sleep that was waiting and then was not is no new beginning") {
  MonotonicTicks rising(100);
  CHECK(iowait(rising, 100'000) == 100'000U);
  CHECK(iowait(rising, 96'000) == 100'000U);
  CHECK(iowait(rising, 250) == 250U);  // this is
}

TEST_CASE("Small numbers that fall are not taken for a new beginning") {
  MonotonicTicks rising(100);
  CHECK(iowait(rising, 200) == 200U);
  CHECK(iowait(rising, 3) == 200U);
}

TEST_CASE("A CPU that was offline begins with what the kernel says") {
  MonotonicTicks rising(100);
  CHECK(iowait(rising, 1000) == 1000U);
  CHECK(rising.rise({}).empty());
  CHECK(iowait(rising, 990) == 990U);
}
