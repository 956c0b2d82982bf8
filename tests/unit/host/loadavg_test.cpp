#include "host/loadavg.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("The load averages are the first three numbers") {
  const auto load = parse_loadavg("6.12 5.87 5.03 9/1423 284119\n");
  REQUIRE(load);
  CHECK(load->over_1m == 6.12);
  CHECK(load->over_5m == 5.87);
  CHECK(load->over_15m == 5.03);
  CHECK_FALSE(parse_loadavg("0.00 0.01\n"));
  CHECK_FALSE(parse_loadavg("0.00 ? 0.05 1/234 5\n"));
  CHECK_FALSE(parse_loadavg(""));
  CHECK_FALSE(parse_loadavg("6.12 5.87 5.0"));  // truncated
}
