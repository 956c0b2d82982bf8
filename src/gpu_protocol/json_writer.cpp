#include "gpu_protocol/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "gpu_protocol/json_plain_text.h"
#include "rig/kernel/utf8.h"

namespace rig {
namespace {

// Numbers from here to kExponentFrom are written without an exponent, as people read them.
constexpr double kExponentBelow = 1e-4;
constexpr double kExponentFrom = 1e15;
// At most a comma, 17 digits, a sign, a point, and 4 zeros or an exponent.
constexpr std::size_t kMaxNumberSize = 32;
// Most names and values are shorter.
constexpr std::size_t kShortText = 48;

// The letter after the backslash; 0 if the character has none.
char escape_letter(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

// Advances `end` behind what was written. False, and without effect, if a character of the text
// does not stand for itself.
bool append_plain(char*& end, std::string_view text) {
  char* to = end;
  for (const char c : text) {
    if (!kPlainCharacters[static_cast<unsigned char>(c)]) return false;
    *to++ = c;
  }
  end = to;
  return true;
}

void append_escaped(std::string& text, char c) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (const char letter = escape_letter(c)) {
    text.append({'\\', letter});
  } else if (byte < 0x20) {
    text.append("\\u00").append({kHexDigits[byte >> 4U], kHexDigits[byte & 0xFU]});
  } else {
    text += c;
  }
}

}  // namespace

void JsonWriter::name(std::string_view name) { quoted(name, true); }

void JsonWriter::string(std::string_view value) { quoted(value, false); }

// A short text is put together with what surrounds it, and appended at once: to append a single
// character takes as long.
void JsonWriter::quoted(std::string_view value, bool is_name) {
  std::array<char, kShortText + 4> part;
  char* end = part.data();
  if (needs_comma()) *end++ = ',';
  *end++ = '"';
  const bool is_short = value.size() <= kShortText && append_plain(end, value);
  if (!is_short) {
    append(part.data(), end);
    append_long(value);
    end = part.data();
  }
  *end++ = '"';
  if (is_name) *end++ = ':';
  append(part.data(), end);
}

void JsonWriter::append_long(std::string_view value) {
  if (plain_size(value) == value.size()) {
    text_ += value;
  } else {
    for (const char c : valid_utf8(value)) append_escaped(text_, c);
  }
}

void JsonWriter::number(double value) {
  std::array<char, kMaxNumberSize> written;
  char* const limit = written.data() + written.size();
  char* begin = written.data();
  if (needs_comma()) *begin++ = ',';
  const double magnitude = std::abs(value);
  char* end = nullptr;
  if (magnitude < kExponentFrom && value == std::trunc(value)) {
    end = std::to_chars(begin, limit, static_cast<std::int64_t>(value)).ptr;
    *end++ = '.';
    *end++ = '0';
  } else if (magnitude >= kExponentBelow && magnitude < kExponentFrom) {
    end = std::to_chars(begin, limit, value, std::chars_format::fixed).ptr;
  } else {
    end = std::to_chars(begin, limit, value, std::chars_format::scientific).ptr;
  }
  append(written.data(), end);
}

void JsonWriter::begin(char bracket) {
  if (needs_comma()) text_ += ',';
  text_ += bracket;
}

}  // namespace rig
