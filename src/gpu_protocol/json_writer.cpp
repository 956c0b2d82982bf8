#include "gpu_protocol/json_writer.h"

#include <algorithm>
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
// At most 17 digits, a sign, a point, and 4 zeros or an exponent.
constexpr std::size_t kMaxNumberSize = 32;

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

void JsonWriter::name(std::string_view name) {
  string(name);
  text_ += ':';
}

void JsonWriter::string(std::string_view value) {
  separate();
  text_ += '"';
  if (plain_size(value) == value.size()) {
    text_ += value;
  } else {
    for (const char c : valid_utf8(value)) append_escaped(text_, c);
  }
  text_ += '"';
}

void JsonWriter::number(double value) {
  separate();
  std::array<char, kMaxNumberSize> digits;
  char* const begin = digits.data();
  char* const limit = begin + digits.size();
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
  text_.append(begin, end);
}

void JsonWriter::begin(char bracket) {
  separate();
  text_ += bracket;
}

// A comma, unless this is the first value, the first of an object or array, or follows its name.
// The last character shows it: that of a value is a digit, a quote or a closing bracket.
void JsonWriter::separate() {
  if (!text_.empty() && text_.back() != '{' && text_.back() != '[' && text_.back() != ':')
    text_ += ',';
}

}  // namespace rig
