#include "host/cpu_list.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("A CPU list consists of numbers and ranges") {
  CHECK(parse_cpu_list("0-3,8,10-11\n") == std::vector<unsigned>{0, 1, 2, 3, 8, 10, 11});
  CHECK(parse_cpu_list("0\n") == std::vector<unsigned>{0});
  CHECK(parse_cpu_list("0-4095\n")->size() == 4096);
  CHECK(parse_cpu_list("\n")->empty());
}

TEST_CASE("A CPU list that was truncated within a number is rejected") {
  CHECK_FALSE(parse_cpu_list("0-12"));
  CHECK_FALSE(parse_cpu_list("0,4,"));
  const TemporaryDirectory directory;
  CHECK_FALSE(read_cpu_list(directory.path() / "online"));
  CHECK(read_cpu_list(directory.write("online", "0-1\n")).value_or({}).size() == 2);
  const auto truncated = read_cpu_list(directory.write("online", "0-1"));
  REQUIRE(truncated.problem() != nullptr);
  CHECK_THAT(to_string(*truncated.problem()), ContainsSubstring("the last line has no newline"));
}

TEST_CASE("A malformed CPU list and one with a huge range are rejected") {
  CHECK_FALSE(parse_cpu_list("all\n"));
  CHECK_FALSE(parse_cpu_list("0-\n"));
  CHECK_FALSE(parse_cpu_list("0,,1\n"));
  CHECK_FALSE(parse_cpu_list("3-0\n"));
  CHECK_FALSE(parse_cpu_list("0-4294967295\n"));
}
