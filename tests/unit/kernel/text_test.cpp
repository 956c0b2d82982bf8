#include "rig/kernel/text.h"

#include <cstdint>
#include <string>

#include "support/catch.h"

using namespace rig;

TEST_CASE("Words are separated by spaces and tabs") {
  CHECK(words("  md0 :\tactive  raid0 ") ==
        std::vector<std::string_view>{"md0", ":", "active", "raid0"});
  CHECK(words(" \t ").empty());
  CHECK(words("").empty());
}

TEST_CASE("The last line needs no newline, and an empty line is a line") {
  CHECK(lines("a\n\nb") == std::vector<std::string_view>{"a", "", "b"});
  CHECK(lines("a\n") == std::vector<std::string_view>{"a"});
  CHECK(lines("").empty());
}

TEST_CASE("A number must be the whole text") {
  CHECK(parse_number<int>(" 42\n") == 42);
  CHECK(parse_number<std::uint64_t>("18446744073709551615") == UINT64_MAX);
  CHECK(parse_number<unsigned>("0x1f", 16) == 31U);
  CHECK(parse_number<double>("3.5") == 3.5);
  CHECK_FALSE(parse_number<int>(""));
  CHECK_FALSE(parse_number<int>("none"));
  CHECK_FALSE(parse_number<int>("4 (3)"));
  CHECK_FALSE(parse_number<unsigned>("-1"));
  CHECK_FALSE(parse_number<std::uint8_t>("256"));
}

TEST_CASE("Without a separator the first part is the whole text") {
  CHECK(split_at("a: b", ':').after == " b");
  CHECK(split_at("ab", ':').before == "ab");
  CHECK(split_at("ab", ':').after.empty());
}

TEST_CASE("Trimming removes whitespace at both ends only") {
  CHECK(trim("\t a b \n") == "a b");
  CHECK(trim(" \n").empty());
}

TEST_CASE("A last line without a newline is no complete line") {
  using Lines = std::vector<std::string_view>;
  CHECK(complete_lines("a 1\nb 2\n") == Lines{"a 1", "b 2"});
  CHECK(complete_lines("a 1\nb 2") == Lines{"a 1"});
  CHECK(complete_lines("a\n\n") == Lines{"a", ""});
  CHECK(complete_lines("").empty());
  CHECK(is_truncated("a"));
  CHECK_FALSE(is_truncated("a\n"));
  CHECK_FALSE(is_truncated(""));
}
