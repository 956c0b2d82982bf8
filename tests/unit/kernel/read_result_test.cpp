#include "rig/kernel/read_result.h"

#include <string>

#include "support/catch.h"

using namespace rig;

namespace {

const Problem kDenied{Reason::permission_denied, "/x", "Permission denied"};

}  // namespace

TEST_CASE("A result is a value, absent, or a problem") {
  const ReadResult<std::string> value = std::string("text");
  CHECK(value);
  CHECK(*value == "text");
  CHECK(value->size() == 4);
  CHECK(value.problem() == nullptr);

  const ReadResult<std::string> absent = std::nullopt;
  CHECK_FALSE(absent);
  CHECK(absent.problem() == nullptr);
  CHECK(absent.value_or("other") == "other");

  const ReadResult<std::string> problem = kDenied;
  CHECK_FALSE(problem);
  CHECK(*problem.problem() == kDenied);
  CHECK(problem.value_or("other") == "other");
}

TEST_CASE("get() returns the value, or std::nullopt if it is absent, and throws a problem") {
  CHECK(ReadResult<int>(7).get() == 7);
  CHECK_FALSE(ReadResult<int>().get());
  try {
    ReadResult<int>(kDenied).get();
    FAIL("no exception");
  } catch (const ReadError& error) {
    CHECK(error.problem() == kDenied);
    CHECK(error.what() == std::string("/x: Permission denied"));
  }
}

TEST_CASE("An optional becomes a value or nothing") {
  CHECK(*ReadResult<int>(std::optional(7)) == 7);
  CHECK_FALSE(ReadResult<int>(std::optional<int>()));
}

TEST_CASE("timed_out() is true only for a timeout") {
  CHECK(ReadResult<int>(Problem::timed_out("/x")).timed_out());
  CHECK_FALSE(ReadResult<int>(kDenied).timed_out());
  CHECK_FALSE(ReadResult<int>(1).timed_out());
}
