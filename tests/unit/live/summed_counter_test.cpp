#include "live/summed_counter.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("The sum of counters increases by their increases") {
  SummedCounter sum;
  CHECK(sum.update({{"0", 10}, {"1", 20}}) == 30);
  CHECK(sum.update({{"1", 21}, {"0", 12}}) == 33);
  CHECK(sum.update({{"0", 12}, {"1", 21}}) == 33);
}

TEST_CASE("The sum does not change when a counter vanishes, returns or is reset") {
  SummedCounter sum;
  CHECK(sum.update({{"0", 1000}, {"1", 2000}, {"2", 3000}}) == 6000);
  CHECK(sum.update({{"0", 1001}, {"2", 3001}}) == 6002);
  CHECK(sum.update({{"0", 1002}, {"1", 2100}, {"2", 3002}}) == 6004);
  CHECK(sum.update({{"0", 1003}, {"1", 2101}, {"2", 3003}}) == 6007);
  CHECK(sum.update({{"0", 1}, {"1", 2102}, {"2", 3004}}) == 6009);
  CHECK(sum.update({{"0", 2}, {"1", 2103}, {"2", 3005}}) == 6012);
}

TEST_CASE("Counters that appear later count from then on") {
  SummedCounter sum;
  CHECK(sum.update({}) == 0);
  CHECK(sum.update({{"0", 500}}) == 0);
  CHECK(sum.update({{"0", 501}}) == 1);
}
