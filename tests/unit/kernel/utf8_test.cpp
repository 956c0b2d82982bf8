#include "rig/kernel/utf8.h"

#include <string>

#include "support/catch.h"

using namespace rig;

TEST_CASE("Text is ASCII unless any of its bytes is not, wherever it is") {
  CHECK(is_ascii(""));
  for (std::size_t size = 1; size <= 40; ++size) {
    std::string text(size, '\x7f');
    CHECK(is_ascii(text));
    for (std::size_t at = 0; at < size; ++at) {
      for (const char other : {'\x80', '\xc3', '\xff'}) {
        text[at] = other;
        CHECK_FALSE(is_ascii(text));
        CHECK(is_ascii(std::string_view(text).substr(0, at)));
        CHECK(is_ascii(std::string_view(text).substr(at + 1)));
      }
      text[at] = '\0';
      CHECK(is_ascii(text));
    }
  }
}

TEST_CASE("Valid UTF-8 is kept, and each other byte is replaced") {
  CHECK(valid_utf8("").empty());
  CHECK(valid_utf8("Grüße, 東京 \U0001F600") == "Grüße, 東京 \U0001F600");
  CHECK(valid_utf8("a\x80") == "a\uFFFD");
  CHECK(valid_utf8("\xe6\x9d") == "\uFFFD\uFFFD");                      // ends too early
  CHECK(valid_utf8("\xc0\xaf") == "\uFFFD\uFFFD");                      // longer than necessary
  CHECK(valid_utf8("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");            // a surrogate
  CHECK(valid_utf8("\xf4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");  // above U+10FFFF
}
