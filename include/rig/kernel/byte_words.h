// Tests of all bytes of a text, eight at a time: most texts are so short that a test of each byte
// costs more than what is done with them.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace rig {

// A word with the same byte eight times.
constexpr std::uint64_t repeated(unsigned char byte) { return byte * 0x0101010101010101U; }

// The highest bit of each byte.
inline constexpr std::uint64_t kHighBits = repeated(0x80);

// Not 0 if and only if `word` contains `byte`.
constexpr std::uint64_t has_byte(std::uint64_t word, unsigned char byte) {
  const std::uint64_t difference = word ^ repeated(byte);
  return (difference - repeated(1)) & ~difference & kHighBits;
}

// The results of `test`, combined by OR, for words that together contain each byte of `text`, some
// of them repeatedly, and no other bytes. 0 if `text` is empty.
template <std::invocable<std::uint64_t> Test>
std::uint64_t any_word(std::string_view text, Test test) {
  constexpr std::size_t kSize = sizeof(std::uint64_t);
  const auto word_at = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, kSize);
    return word;
  };
  if (text.size() >= kSize) {
    std::uint64_t found = test(word_at(text.size() - kSize));
    for (std::size_t at = 0; at + kSize < text.size(); at += kSize) found |= test(word_at(at));
    return found;
  }
  if (text.empty()) return 0;
  std::uint64_t word = repeated(static_cast<unsigned char>(text.front()));
  for (const char c : text.substr(1)) word = word << 8U | static_cast<unsigned char>(c);
  return test(word);
}

}  // namespace rig
