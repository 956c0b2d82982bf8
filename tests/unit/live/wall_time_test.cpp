#include "rig/live/wall_time.h"

#include "live/recorded_points.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("A point has the same Unix time in each response while the clock is only adjusted") {
  WallTime wall_time;
  const auto first = wall_time.difference(boot_at(100), 1'764'460'000'000ms);
  CHECK(first.unix_time(boot_at(99.5)) == 1'764'459'999'500ms);
  CHECK(first.boot_time(1'764'459'999'500ms) == boot_at(99.5));
  CHECK(wall_time.difference(boot_at(160), 1'764'460'060'001ms) == first);
  CHECK(wall_time.difference(boot_at(9000), 1'764'468'899'100ms) == first);
}

TEST_CASE("When the system clock is set, the times follow and the change is counted") {
  WallTime wall_time;
  const auto first = wall_time.difference(boot_at(100), 1'764'460'000'000ms);
  const auto back = wall_time.difference(boot_at(101), 1'764'456'401'000ms);
  CHECK(back.changes == first.changes + 1);
  CHECK(back.unix_time(boot_at(100)) == 1'764'456'400'000ms);
  const auto forward = wall_time.difference(boot_at(102), 1'764'460'003'000ms);
  CHECK(forward.changes == first.changes + 2);
  CHECK(wall_time.difference(boot_at(103), 1'764'460'004'000ms) == forward);
}

TEST_CASE("The difference now is that of the system clock") {
  WallTime wall_time;
  const auto now = wall_time.difference().unix_time(BootClock::now());
  const auto system = std::chrono::system_clock::now().time_since_epoch();
  CHECK(std::chrono::abs(now - std::chrono::duration_cast<std::chrono::milliseconds>(system)) < 2s);
}
