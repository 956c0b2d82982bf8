#include "log/log_line.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "rig/kernel/utf8.h"

namespace rig {
namespace {

constexpr std::string_view kCutMark = "...";
// What else is in a line: time, level, names of the members, quotes.
constexpr std::size_t kMaxFrameSize = 96;

std::string_view word(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

std::string timestamp(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time - seconds);
  const std::time_t calendar = std::chrono::system_clock::to_time_t(seconds);
  std::tm utc{};
  gmtime_r(&calendar, &utc);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc, milliseconds.count());
}

// The size of the character at the start of valid UTF-8.
std::size_t size_of_first(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

char32_t code_point(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return first;
  char32_t code = first & (0x7FU >> character.size());
  for (const char byte : character.substr(1))
    code = code << 6U | (static_cast<unsigned>(byte) & 0x3FU);
  return code;
}

// Control characters, of which some start a terminal's escape sequences, and those that break a
// line or change the direction of the text.
bool is_escaped(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029 ||
         code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

std::string escaped(std::string_view character) {
  const char32_t code = code_point(character);
  if (code == '"' || code == '\\') return {'\\', character.front()};
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  if (is_escaped(code)) return fmt::format("\\u{:04x}", static_cast<unsigned>(code));
  return std::string(character);
}

std::string quoted(std::string_view message) {
  const bool cut = message.size() > kMaxLogMessageSize;
  // A character that is cut apart becomes U+FFFD.
  const std::string text = valid_utf8(message.substr(0, kMaxLogMessageSize));
  constexpr std::size_t kLimit = kMaxLogLineSize - kMaxFrameSize - kCutMark.size();
  std::string result = "\"";
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto character = rest.substr(0, size_of_first(rest));
    const auto next = escaped(character);
    if (result.size() + next.size() > kLimit) break;
    result += next;
    rest.remove_prefix(character.size());
  }
  if (cut || !rest.empty()) result += kCutMark;
  return result + '"';
}

}  // namespace

std::string log_line(LogFormat format, LogLevel level, std::chrono::system_clock::time_point time,
                     std::string_view message) {
  if (format == LogFormat::json) {
    return fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"msg\":{}}}\n", timestamp(time),
                       word(level), quoted(message));
  }
  return fmt::format("time={} level={} msg={}\n", timestamp(time), word(level), quoted(message));
}

}  // namespace rig
