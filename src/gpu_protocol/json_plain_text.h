// The characters that stand for themselves in a JSON string.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace rig {

// All but the quote, the backslash and control characters; UTF-8 beyond ASCII has to be checked.
inline constexpr auto kPlainCharacters = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

// The number of such characters at the beginning of the text.
inline std::size_t plain_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && kPlainCharacters[static_cast<unsigned char>(text[size])]) ++size;
  return size;
}

}  // namespace rig
