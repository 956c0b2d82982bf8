#include "rig/kernel/duration.h"

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

std::chrono::milliseconds parse(const std::string& text) { return parse_duration(text, 100ms, 2h); }

}  // namespace

TEST_CASE("A duration is a number with a unit") {
  CHECK(parse("500ms") == 500ms);
  CHECK(parse("1s") == 1s);
  CHECK(parse("1.5s") == 1500ms);
  CHECK(parse("2m") == 2min);
}

TEST_CASE("Anything else is rejected with a quote and examples") {
  for (const char* text : {"", "1", "s", "1h", "1 s", "-1s", "1s ", "1.2.3s", "1e3ms"}) {
    CHECK_THROWS_WITH(parse(text),
                      '"' + std::string(text) + "\" is not a duration: write 500ms, 1s or 2m");
  }
}

TEST_CASE("A duration outside its bounds is rejected with the bounds") {
  CHECK(parse("100ms") == 100ms);
  CHECK(parse("120m") == 2h);
  const char* const message = "is out of range: write a duration from 100ms to 7200s";
  CHECK_THROWS_WITH(parse("99ms"), ContainsSubstring(message));
  CHECK_THROWS_WITH(parse("121m"), ContainsSubstring(message));
}

TEST_CASE("Formatting a duration gives the shortest text that parses to it") {
  for (const char* text : {"0m", "1ms", "250ms", "1500ms", "1s", "90s", "1m", "5m"}) {
    CHECK(format_duration(parse_duration(text, 0ms, 1h)) == text);
  }
}
