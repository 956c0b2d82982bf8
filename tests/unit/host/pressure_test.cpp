#include "host/pressure.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("Stall times are converted from microseconds, and the line full is optional") {
  const auto both = parse_pressure(
      "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n"
      "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
  CHECK(both.some_seconds == 2.5);
  CHECK(both.full_seconds == 0.0);
  CHECK_FALSE(parse_pressure("some avg10=0.00 total=1\n").full_seconds);
}

TEST_CASE("A malformed pressure line is returned, and the other one is parsed") {
  const auto pressure = parse_pressure("some avg10=0.00\nfull total=7000000\nmost total=1\n");
  CHECK_FALSE(pressure.some_seconds);
  CHECK(pressure.full_seconds == 7.0);
  CHECK(pressure.malformed == std::vector<std::string>{"some avg10=0.00", "most total=1"});
}

TEST_CASE("A pressure line that was truncated is not parsed") {
  const auto pressure = parse_pressure("some total=2500000\nfull total=70");
  CHECK(pressure.some_seconds == 2.5);
  CHECK_FALSE(pressure.full_seconds);
}
