#include "gpu_protocol/json_reader.h"

#include <vector>

#include "support/catch.h"

using namespace rig;

namespace {

std::optional<std::string> string_in(std::string_view text) {
  JsonReader json(text);
  const auto value = json.string();
  if (!value || !json.is_valid()) return std::nullopt;
  std::string copy(*value);
  return json.at_end() ? std::optional(copy) : std::nullopt;
}

std::optional<double> number_in(std::string_view text) {
  JsonReader json(text);
  const auto value = json.number();
  return json.is_valid() && json.at_end() ? value : std::nullopt;
}

bool is_json(std::string_view text) {
  JsonReader json(text);
  json.skip();
  return json.is_valid() && json.at_end();
}

}  // namespace

TEST_CASE("Members and elements are read one after the other") {
  JsonReader json(R"( { "a" : 1 , "b" : [ "x" , "y" ] , "c" : { } } )");
  REQUIRE(json.enter_object());
  CHECK(json.next_member() == "a");
  CHECK(json.number() == 1.0);
  CHECK(json.next_member() == "b");
  REQUIRE(json.enter_array());
  CHECK(json.next_element());
  CHECK(json.string() == "x");
  CHECK(json.next_element());
  CHECK(json.string() == "y");
  CHECK_FALSE(json.next_element());
  CHECK(json.next_member() == "c");
  REQUIRE(json.enter_object());
  CHECK_FALSE(json.next_member());
  CHECK_FALSE(json.next_member());
  CHECK(json.is_valid());
  CHECK(json.at_end());
}

TEST_CASE("A value of another type is skipped") {
  JsonReader json(R"([{"a":[1,"]"]},2,"x",null,3])");
  REQUIRE(json.enter_array());
  CHECK(json.next_element());
  CHECK_FALSE(json.string());
  CHECK(json.next_element());
  CHECK_FALSE(json.enter_object());
  CHECK(json.next_element());
  CHECK_FALSE(json.number());
  CHECK(json.next_element());
  CHECK_FALSE(json.enter_array());
  CHECK(json.next_element());
  CHECK(json.number() == 3.0);
  CHECK_FALSE(json.next_element());
  CHECK(json.is_valid());
}

TEST_CASE("All escapes of a string are read") {
  CHECK(string_in(R"("")") == "");
  CHECK(string_in(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(string_in(R"("a\u0041\u00e9\u20AC!")") == "aA\u00e9\u20AC!");
  CHECK(string_in(R"("\uD83D\uDD25")") == "\U0001F525");
  CHECK(string_in(R"("\u0000")") == std::string(1, '\0'));
  CHECK(string_in("\"\u00b0\U0001F525\x7f\"") == "\u00b0\U0001F525\x7f");
}

TEST_CASE("A malformed string is rejected") {
  for (const std::string_view text : {R"(")",
                                      R"("a)",
                                      R"("\)",
                                      R"("\")",
                                      R"("\x")",
                                      R"("\u")",
                                      R"("\u12")",
                                      R"("\u12)",
                                      R"("\u12g4")",
                                      R"("\u-123")",
                                      R"("\u+123")",
                                      R"("\uD83D")",
                                      R"("\uD83D\n")",
                                      R"("\uD83D\u0041")",
                                      R"("\uDD25")",
                                      R"("\uD83D\uD83D")",
                                      "\"\n\"",
                                      "\"\x01\"",
                                      "\"\xff\"",
                                      "\"\xc3(\"",
                                      "\"\xed\xa0\x80\"",
                                      "\"\xc3\\u00a9\"",
                                      "'a'"}) {
    INFO(text);
    CHECK_FALSE(string_in(text));
  }
}

TEST_CASE("Numbers are read exactly") {
  CHECK(number_in("0") == 0.0);
  CHECK(number_in("-0.5") == -0.5);
  CHECK(number_in("12.25e-1") == 1.225);
  CHECK(number_in("1E+2") == 100.0);
  CHECK(number_in("9007199254740993") == 9007199254740992.0);
  CHECK(number_in("18446744073709551616") == 18446744073709551616.0);
  CHECK(number_in("1.7976931348623157e308") == 1.7976931348623157e308);
  CHECK(number_in("1e-400") == 0.0);
  CHECK(number_in("4.9e-324") == 4.9e-324);
}

TEST_CASE("A number in another notation is rejected") {
  for (const std::string_view text :
       {"",         "-",         "+1",  "01",    "-01",    ".5",  "1.",
        "1.e3",     "1e",        "1e+", "0x10",  "1_000",  "inf", "nan",
        "Infinity", "-Infinity", "1,5", "1e999", "-1e999", "--1", "1-"}) {
    INFO(text);
    CHECK_FALSE(number_in(text));
  }
  CHECK_FALSE(number_in(std::string(400, '9')));
}

TEST_CASE("A skipped value has to be valid") {
  for (const std::string_view text :
       {"{}", "[]", " [ ] ", "[1,[2,[3]],{}]", R"({"a":{"b":[true,false,null]},"":"\u0041"})"}) {
    INFO(text);
    CHECK(is_json(text));
  }
  for (const std::string_view text : {"",
                                      " ",
                                      "[",
                                      "{",
                                      "]",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "[1}",
                                      "{]",
                                      "{1:2}",
                                      "{\"a\"}",
                                      R"({"a":})",
                                      R"({"a":1,})",
                                      R"({,"a":1})",
                                      R"({"a" 1})",
                                      R"({"a":1 "b":2})",
                                      "tru",
                                      "True",
                                      "nul",
                                      "[nul]",
                                      "1 2",
                                      "[1]]",
                                      R"(["\x"])",
                                      "[1e999]",
                                      "[01]",
                                      "/**/1",
                                      "[1]//"}) {
    INFO(text);
    CHECK_FALSE(is_json(text));
  }
  CHECK_FALSE(is_json(std::string_view("1\0", 2)));
}

TEST_CASE("A value is skipped in any depth") {
  constexpr std::size_t kDepth = 1'000'000;
  CHECK(is_json(std::string(kDepth, '[') + std::string(kDepth, ']')));
  CHECK_FALSE(is_json(std::string(kDepth, '[') + std::string(kDepth - 1, ']')));
}

TEST_CASE("Nothing is read after an error") {
  JsonReader json(R"({"a":1 "b":2})");
  REQUIRE(json.enter_object());
  CHECK(json.next_member() == "a");
  CHECK(json.number() == 1.0);
  CHECK_FALSE(json.next_member());
  CHECK_FALSE(json.is_valid());
  CHECK_FALSE(json.next_member());
  CHECK_FALSE(json.next_element());
  CHECK_FALSE(json.string());
  CHECK_FALSE(json.number());
  CHECK_FALSE(json.enter_object());
  CHECK_FALSE(json.enter_array());
  CHECK_FALSE(json.at_string());
}
