#include "rig/kernel/byte_words.h"

#include <string>

#include "support/catch.h"

using namespace rig;

namespace {

bool contains(std::string_view text, unsigned char byte) {
  return any_word(text, [=](std::uint64_t word) { return has_byte(word, byte); }) != 0;
}

}  // namespace

TEST_CASE("A word contains a byte in any of its places, whatever the others are") {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto searched = static_cast<unsigned char>(byte);
    for (unsigned other = 0; other < 256; ++other) {
      std::uint64_t word = repeated(static_cast<unsigned char>(other));
      REQUIRE((has_byte(word, searched) != 0) == (byte == other));
      for (unsigned place = 0; place < 8; ++place) {
        const std::uint64_t mask = std::uint64_t{0xff} << (8 * place);
        REQUIRE(has_byte((word & ~mask) | (std::uint64_t{byte} << (8 * place)), searched) != 0);
      }
    }
  }
}

TEST_CASE("A byte is found wherever it is in a text, and not behind or in front of it") {
  CHECK_FALSE(contains("", 'x'));
  CHECK_FALSE(contains("", 0));
  for (std::size_t size = 1; size <= 40; ++size) {
    CHECK_FALSE(contains(std::string(size, 'a'), 0));
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = 'x';
      CHECK(contains(text, 'x'));
      CHECK_FALSE(contains(std::string_view(text).substr(0, at), 'x'));
      CHECK_FALSE(contains(std::string_view(text).substr(at + 1), 'x'));
    }
  }
}
