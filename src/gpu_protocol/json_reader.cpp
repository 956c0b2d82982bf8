#include "gpu_protocol/json_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "gpu_protocol/json_plain_text.h"
#include "rig/kernel/utf8.h"

namespace rig {
namespace {

constexpr auto kLiterals = std::to_array<std::string_view>({"true", "false", "null"});

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

// Of a UTF-16 surrogate pair.
bool is_high_surrogate(unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void append_utf8(std::string& text, unsigned code) {
  const auto append = [&](unsigned byte) { text += static_cast<char>(byte); };
  const auto append_low = [&](unsigned shift) { append(0x80U | (code >> shift & 0x3FU)); };
  if (code < 0x80) {
    append(code);
  } else if (code < 0x800) {
    append(0xC0U | code >> 6U);
    append_low(0);
  } else if (code < 0x10000) {
    append(0xE0U | code >> 12U);
    append_low(6);
    append_low(0);
  } else {
    append(0xF0U | code >> 18U);
    append_low(12);
    append_low(6);
    append_low(0);
  }
}

// The character of a backslash and this letter; 0 if there is none.
char escaped_character(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// std::from_chars() does not say whether a number is too large or too small; the latter is 0 or
// close to it.
double parse_out_of_range(std::string_view digits) {
  return std::strtod(std::string(digits).c_str(), nullptr);
}

}  // namespace

std::optional<std::string_view> JsonReader::string() {
  if (at_string()) {
    const auto text = read_string();
    if (valid_) return text;
  }
  skip();
  return std::nullopt;
}

std::optional<double> JsonReader::number() {
  const char first = next();
  if (first == '-' || is_digit(first)) {
    const double value = read_number();
    if (valid_) return value;
  }
  skip();
  return std::nullopt;
}

bool JsonReader::enter_object() {
  first_ = take('{');
  if (!first_) skip();
  return first_;
}

bool JsonReader::enter_array() {
  first_ = take('[');
  if (!first_) skip();
  return first_;
}

std::optional<std::string_view> JsonReader::next_member() {
  if (!another('}')) return std::nullopt;
  if (!at_string()) fail();
  const auto name = read_string();
  if (!take(':')) fail();
  return valid_ ? std::optional(name) : std::nullopt;
}

bool JsonReader::next_element() { return another(']'); }

void JsonReader::skip() {
  std::string open;  // the brackets of the objects and arrays that the next value is in
  do {
    if (!open.empty() && !(open.back() == '{' ? next_member().has_value() : next_element())) {
      open.pop_back();
      continue;
    }
    const char first = next();
    if (take('{') || take('[')) {
      open += first;
      first_ = true;
    } else if (first == '"') {
      read_string();
    } else if (first == '-' || is_digit(first)) {
      read_number();
    } else {
      read_literal();
    }
  } while (valid_ && !open.empty());
}

bool JsonReader::at_string() { return next() == '"'; }

bool JsonReader::at_end() { return next() == 0 && rest_.empty(); }

char JsonReader::next() {
  while (!rest_.empty()) {
    const char c = rest_.front();
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return c;
    rest_.remove_prefix(1);
  }
  return 0;
}

bool JsonReader::take(char expected) {
  if (next() != expected) return false;
  rest_.remove_prefix(1);
  return true;
}

// Whether the object or array has another member or element, whose comma is then read. Else reads
// the closing bracket.
bool JsonReader::another(char closing) {
  const bool first = std::exchange(first_, false);
  if (take(closing)) return false;
  if (!first && !take(',')) fail();
  return valid_;
}

void JsonReader::fail() {
  valid_ = false;
  rest_ = {};
}

std::string_view JsonReader::read_string() {
  if (rest_.empty()) return {};
  rest_.remove_prefix(1);
  const std::size_t size = plain_size(rest_);
  if (size == rest_.size() || rest_[size] != '"') return read_string_with_escapes();
  const auto text = rest_.substr(0, size);
  rest_.remove_prefix(size + 1);
  return text;
}

std::string_view JsonReader::read_string_with_escapes() {
  unescaped_.clear();
  while (!rest_.empty() && rest_.front() != '"') {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\\') {
      read_escape();
    } else if (is_control(c)) {
      fail();
    } else {
      unescaped_ += c;
    }
  }
  // What an escape stands for is valid.
  if (rest_.empty() || valid_utf8(unescaped_) != unescaped_) {
    fail();
    return {};
  }
  rest_.remove_prefix(1);
  return unescaped_;
}

void JsonReader::read_escape() {
  const char letter = rest_.empty() ? '\0' : rest_.front();
  rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
  if (const char c = escaped_character(letter)) {
    unescaped_ += c;
    return;
  }
  if (letter != 'u') return fail();
  unsigned code = read_code_unit();
  if (is_high_surrogate(code)) {
    if (!rest_.starts_with("\\u")) return fail();
    rest_.remove_prefix(2);
    const unsigned low = read_code_unit();
    if (!is_low_surrogate(low)) return fail();
    code = 0x10000U + ((code & 0x3FFU) << 10U) + (low & 0x3FFU);
  } else if (is_low_surrogate(code)) {
    return fail();
  }
  append_utf8(unescaped_, code);
}

// Four hexadecimal digits.
unsigned JsonReader::read_code_unit() {
  constexpr std::size_t kDigits = 4;
  unsigned unit = 0;
  const auto digits = rest_.substr(0, kDigits);
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, unit, 16);
  if (digits.size() < kDigits || parsed.ec != std::errc{} || parsed.ptr != end) {
    fail();
    return 0;
  }
  rest_.remove_prefix(kDigits);
  return unit;
}

// The position after the digits that begin at `position`, of which there must be at least one.
std::size_t JsonReader::skip_digits(std::size_t position) {
  const std::size_t begin = position;
  while (position < rest_.size() && is_digit(rest_[position])) ++position;
  if (position == begin) fail();
  return position;
}

double JsonReader::read_number() {
  const auto at = [&](std::size_t i) { return i < rest_.size() ? rest_[i] : '\0'; };
  std::size_t size = at(0) == '-' ? 1 : 0;
  size = at(size) == '0' ? size + 1 : skip_digits(size);
  if (at(size) == '.') size = skip_digits(size + 1);
  if (at(size) == 'e' || at(size) == 'E') {
    ++size;
    if (at(size) == '+' || at(size) == '-') ++size;
    size = skip_digits(size);
  }
  if (!valid_) return 0;
  const auto digits = rest_.substr(0, size);
  double value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc{}) value = parse_out_of_range(digits);
  rest_.remove_prefix(size);
  if (!std::isfinite(value)) fail();
  return value;
}

void JsonReader::read_literal() {
  const auto found =
      std::ranges::find_if(kLiterals, [&](auto word) { return rest_.starts_with(word); });
  if (found == kLiterals.end()) return fail();
  rest_.remove_prefix(found->size());
}

}  // namespace rig
