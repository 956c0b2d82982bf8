#include "log/log_line.h"

#include <string>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::system_clock::time_point kNewYear{1767225600s + 7ms};  // 2026-01-01

std::string logfmt(std::string_view message) {
  return log_line(LogFormat::logfmt, LogLevel::info, kNewYear, message);
}

std::string json(std::string_view message) {
  return log_line(LogFormat::json, LogLevel::warn, kNewYear, message);
}

}  // namespace

TEST_CASE("A line has the time in UTC, the level and the message") {
  CHECK(logfmt("listening") == "time=2026-01-01T00:00:00.007Z level=info msg=\"listening\"\n");
  CHECK(json("listening") ==
        "{\"time\":\"2026-01-01T00:00:00.007Z\",\"level\":\"warn\",\"msg\":\"listening\"}\n");
  CHECK_THAT(log_line(LogFormat::logfmt, LogLevel::debug, kNewYear, ""),
             ContainsSubstring("level=debug msg=\"\""));
  CHECK_THAT(log_line(LogFormat::logfmt, LogLevel::error, kNewYear, ""),
             ContainsSubstring("level=error"));
}

TEST_CASE("Quotes, backslashes and whatever could affect a terminal are escaped in a line") {
  CHECK_THAT(logfmt("a \"b\" \\ c"), ContainsSubstring(R"(msg="a \"b\" \\ c")"));
  CHECK_THAT(logfmt("1\n2\r3\t4"), ContainsSubstring(R"(msg="1\n2\r3\t4")"));
  CHECK_THAT(json(std::string_view("\0\x1b[31m\x7f", 7)),
             ContainsSubstring(R"("msg":"\u0000\u001b[31m\u007f")"));
  CHECK_THAT(json("\u009b31m \u2028 \u202e \u2066 \ufeff"),
             ContainsSubstring(R"("msg":"\u009b31m \u2028 \u202e \u2066 \ufeff")"));
}

TEST_CASE("Text in other scripts is kept in a line, and bytes that are not UTF-8 are replaced") {
  CHECK_THAT(logfmt("Größe 温度 🔥"), ContainsSubstring("msg=\"Größe 温度 🔥\""));
  CHECK_THAT(logfmt("\xff\xc3(\xe2\x82"), ContainsSubstring("\uFFFD\uFFFD(\uFFFD"));
}

TEST_CASE("A line is bounded whatever its message is") {
  const auto long_line = logfmt(std::string(5000, 'x'));
  CHECK_THAT(long_line, ContainsSubstring(std::string(kMaxLogMessageSize, 'x') + "...\"\n"));
  CHECK(long_line.size() < kMaxLogMessageSize + 100);
  for (const char byte : {'\x01', '"', '\n', '\xff', 'x'}) {
    for (const std::size_t size : {1000U, 1024U, 1025U, 100'000U}) {
      const auto line = json(std::string(size, byte));
      CHECK(line.size() <= kMaxLogLineSize);
      CHECK(line.ends_with("\"}\n"));
      CHECK((size <= kMaxLogMessageSize && byte != '\x01') != line.ends_with("...\"}\n"));
    }
  }
}
