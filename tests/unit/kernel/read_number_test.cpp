#include "rig/kernel/read_number.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("A number without a newline may lack digits and is refused") {
  const TemporaryDirectory directory;
  CHECK(read_number<int>(directory.write("n", "4711\n")).value_or(0) == 4711);
  CHECK(read_number<int>(directory.write("n", " 4711 \n")).value_or(0) == 4711);
  const auto truncated = read_number<int>(directory.write("n", "471"));
  REQUIRE(truncated.problem() != nullptr);
  CHECK(truncated.problem()->reason == Reason::malformed);
  CHECK_THAT(to_string(*truncated.problem()), ContainsSubstring("the last line has no newline"));
}

TEST_CASE("A file without a number is malformed, and an absent one is absent") {
  const TemporaryDirectory directory;
  for (const char* text : {"", "\n", "none\n", "1 2\n"})
    CHECK(read_number<int>(directory.write("n", text)).problem() != nullptr);
  const auto absent = read_number<int>(directory.path() / "other");
  CHECK_FALSE(absent);
  CHECK(absent.problem() == nullptr);
}
