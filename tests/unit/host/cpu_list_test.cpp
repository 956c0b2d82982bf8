#include "host/cpu_list.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("A CPU list consists of numbers and ranges") {
  CHECK(parse_cpu_list("0-3,8,10-11\n") == std::vector<unsigned>{0, 1, 2, 3, 8, 10, 11});
  CHECK(parse_cpu_list("0") == std::vector<unsigned>{0});
  CHECK(parse_cpu_list("0-4095")->size() == 4096);
  CHECK(parse_cpu_list("\n")->empty());
}

TEST_CASE("A malformed CPU list and one with a huge range are rejected") {
  CHECK_FALSE(parse_cpu_list("all"));
  CHECK_FALSE(parse_cpu_list("0-"));
  CHECK_FALSE(parse_cpu_list("0,,1"));
  CHECK_FALSE(parse_cpu_list("3-0"));
  CHECK_FALSE(parse_cpu_list("0-4294967295"));
}
