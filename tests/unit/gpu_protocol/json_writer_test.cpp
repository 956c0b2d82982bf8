#include "gpu_protocol/json_writer.h"

#include <functional>

#include "support/catch.h"

using namespace rig;

namespace {

std::string written(const std::function<void(JsonWriter&)>& write) {
  std::string text;
  JsonWriter json(text);
  write(json);
  return text;
}

std::string number(double value) {
  return written([&](JsonWriter& json) { json.number(value); });
}

std::string string(std::string_view value) {
  return written([&](JsonWriter& json) { json.string(value); });
}

}  // namespace

TEST_CASE("Values are separated by commas, and names from values by colons") {
  CHECK(written([](JsonWriter& json) {
          json.begin_object();
          json.name("a");
          json.number(1);
          json.name("b");
          json.begin_array();
          json.string("x");
          json.begin_object();
          json.end_object();
          json.begin_array();
          json.end_array();
          json.end_array();
          json.name("c");
          json.string("y");
          json.end_object();
        }) == R"({"a":1.0,"b":["x",{},[]],"c":"y"})");
}

TEST_CASE("What was written can be removed again") {
  CHECK(written([](JsonWriter& json) {
          json.begin_object();
          json.name("a");
          json.number(1);
          const auto before = json.size();
          json.name("b");
          json.begin_object();
          json.back_to(before);
          json.name("c");
          json.number(2);
          json.end_object();
        }) == R"({"a":1.0,"c":2.0})");
}

TEST_CASE("A number has the fewest digits that identify it, and a fraction or an exponent") {
  CHECK(number(0) == "0.0");
  CHECK(number(-3) == "-3.0");
  CHECK(number(0.1) == "0.1");
  CHECK(number(-0.3) == "-0.3");
  CHECK(number(0.1 + 0.2) == "0.30000000000000004");
  CHECK(number(17163091968) == "17163091968.0");
  CHECK(number(999999999999999) == "999999999999999.0");
  CHECK(number(1e15) == "1e+15");
  CHECK(number(-1.5e300) == "-1.5e+300");
  CHECK(number(0.0001) == "0.0001");
  CHECK(number(0.00012345678901234567) == "0.00012345678901234567");
  CHECK(number(0.00001) == "1e-05");
  CHECK(number(-2.2250738585072014e-308) == "-2.2250738585072014e-308");
}

TEST_CASE("Quotes, backslashes and control characters are escaped") {
  CHECK(string("") == R"("")");
  CHECK(string("a/b \x7f") == "\"a/b \x7f\"");
  CHECK(string("\"\\\b\f\n\r\t") == R"("\"\\\b\f\n\r\t")");
  CHECK(string(std::string("\0\x1f", 2)) == R"("\u0000\u001f")");
}

TEST_CASE("Valid UTF-8 is written as it is, other bytes as U+FFFD") {
  CHECK(string("\u00b0C \U0001F525") == "\"\u00b0C \U0001F525\"");
  CHECK(string("a\xff\n") == "\"a\uFFFD\\n\"");
}
