#include "host/monotonic_ticks.h"

#include "support/catch.h"

using namespace rig;

namespace {

constexpr std::size_t kIowait = 4;

// The reported iowait of CPU 0 when the kernel reports `value`.
std::optional<std::uint64_t> iowait(MonotonicTicks& ticks, std::uint64_t value) {
  CpuTicks cpu{.cpu = "0", .ticks = {}};
  cpu.ticks[kIowait] = value;
  return ticks.update({cpu}).at(0).ticks[kIowait];
}

}  // namespace

TEST_CASE("Decreasing ticks keep the last value until the kernel reports a larger one") {
  MonotonicTicks ticks(100);
  CHECK(iowait(ticks, 1000) == 1000U);
  CHECK(iowait(ticks, 990) == 1000U);
  CHECK(iowait(ticks, 995) == 1000U);
  CHECK(iowait(ticks, 1001) == 1001U);
}

TEST_CASE("A large decrease to more than half of the value is not a reset") {
  MonotonicTicks ticks(100);
  CHECK(iowait(ticks, 100'000) == 100'000U);
  CHECK(iowait(ticks, 96'000) == 100'000U);
  CHECK(iowait(ticks, 250) == 250U);  // a reset
}

TEST_CASE("A decrease by less than 3 s is not a reset") {
  MonotonicTicks ticks(100);
  CHECK(iowait(ticks, 200) == 200U);
  CHECK(iowait(ticks, 3) == 200U);
}

TEST_CASE("The state of a CPU is discarded while it is offline") {
  MonotonicTicks ticks(100);
  CHECK(iowait(ticks, 1000) == 1000U);
  CHECK(ticks.update({}).empty());
  CHECK(iowait(ticks, 990) == 990U);
}
