#include "web/weighted_list.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("The items of a list have names, weights and parameters") {
  const auto items = weighted_list("text/plain; version=0.0.4;Q=0.5 , */*,gzip;q=\"0.25\"");
  REQUIRE(items.size() == 3);
  CHECK(items[0].is("TEXT/plain"));
  CHECK(items[0].weight == 0.5);
  CHECK(items[0].parameter("Version") == "0.0.4");
  CHECK_FALSE(items[0].parameter("charset"));
  CHECK(items[1].name == "*/*");
  CHECK(items[1].weight == 1);
  CHECK(items[2].weight == 0.25);
}

TEST_CASE("A weight that is not a number refuses the item, and empty items are skipped") {
  CHECK(weighted_list("gzip;q=high").at(0).weight == 0);
  CHECK(weighted_list("gzip;q=").at(0).weight == 0);
  CHECK(weighted_list(" , ,;q=1,").empty());
  CHECK(weighted_list("").empty());
}
