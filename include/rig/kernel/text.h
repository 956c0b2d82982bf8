// Words, lines and numbers as the kernel writes them. Nothing here reads a file or allocates more
// than its result.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <vector>

namespace rig {

// Without blanks, tabs and newlines at both ends.
std::string_view trim(std::string_view text);

// What stands between blanks and tabs; empty ones are left out.
std::vector<std::string_view> words(std::string_view text);

// The lines without their newline; the last one counts also when it has none.
std::vector<std::string_view> lines(std::string_view text);

// The part before `separator` and the part after it; all and nothing when it is not there.
struct Split {
  std::string_view before;
  std::string_view after;
};
Split split_at(std::string_view text, char separator);

// The number that the whole text is, blanks at its ends apart. Absent when it is anything else
// ("none", "4 (3)", "") or does not fit the type.
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
