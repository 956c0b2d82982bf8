// Parses words, lines and numbers in text of the kernel. No function reads a file or allocates more
// memory than its result needs.
#pragma once

#include <charconv>
#include <concepts>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace rig {

// The text without leading and trailing whitespace.
std::string_view trim(std::string_view text);

// The same as ==, without a call of the library before the bytes are compared.
inline bool is_same(std::string_view left, std::string_view right) {
  return left.size() == right.size() && std::memcmp(left.data(), right.data(), left.size()) == 0;
}

// The words separated by spaces and tabs; none is empty.
std::vector<std::string_view> words(std::string_view text);

// The lines without their newlines; the last line does not need one. For files that people write;
// text of the kernel is read with complete_lines().
std::vector<std::string_view> lines(std::string_view text);

// The kernel ends every line with a newline. A last line without one was truncated, by a buffer
// that was too small (lxcfs) or by the reader's limit, perhaps within a number: it must not be
// parsed.
bool is_truncated(std::string_view text);
// The lines without their newlines and without a last line that was truncated.
std::vector<std::string_view> complete_lines(std::string_view text);

// The parts before and after the first `separator`; without a separator, `before` is the whole
// text.
struct Split {
  std::string_view before;
  std::string_view after;
};
Split split_at(std::string_view text, char separator);

// The whole text as a number; leading and trailing whitespace is ignored. std::nullopt if it is
// anything else ("none", "4 (3)", "") or does not fit the type.
template <std::integral T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  text = trim(text);
  if (base == 16 && text.starts_with("0x")) text.remove_prefix(2);
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

template <std::floating_point T>
std::optional<T> parse_number(std::string_view text) {
  text = trim(text);
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace rig
