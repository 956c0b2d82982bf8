#include "gpu/supervisor/line_splitter.h"

#include "support/catch.h"

using namespace rig;

namespace {

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("Lines that arrive in chunks are reassembled") {
  LineSplitter splitter(100);
  CHECK(splitter.feed("ab").empty());
  CHECK(splitter.feed("c\nd\n\nef") == Lines{"abc", "d", ""});
  CHECK(splitter.feed("\n") == Lines{"ef"});
  CHECK_FALSE(splitter.limit_exceeded());
}

TEST_CASE("A line that exceeds the size limit is truncated") {
  LineSplitter splitter(4);
  CHECK(splitter.feed("1234\n") == Lines{"1234"});
  CHECK_FALSE(splitter.limit_exceeded());
  CHECK(splitter.feed("12345").empty());
  CHECK(splitter.limit_exceeded());
  CHECK(splitter.feed("6789\nok\n") == Lines{"1234", "ok"});
}
