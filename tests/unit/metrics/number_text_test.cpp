#include "metrics/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

#include "support/catch.h"

using namespace rig;

namespace {

std::string text_of_number(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

}  // namespace

TEST_CASE("Integers are written without an exponent, up to 15 digits") {
  CHECK(text_of_number(0) == "0");
  CHECK(text_of_number(-7) == "-7");
  CHECK(text_of_number(1000000) == "1000000");
  CHECK(text_of_number(999999999999999) == "999999999999999");
  CHECK(text_of_number(1e15) == "1e+15");
}

TEST_CASE("Other numbers have the shortest digits that identify them") {
  CHECK(text_of_number(0.1) == "0.1");
  CHECK(text_of_number(0.1 + 0.2) == "0.30000000000000004");
  CHECK(text_of_number(-40.5) == "-40.5");
  CHECK(text_of_number(1e-7) == "1e-07");
  CHECK(text_of_number(5e-324) == "5e-324");
  CHECK(text_of_number(-0.0) == "-0");
}

TEST_CASE("Numbers of few decimals have the digits that std::to_chars() finds") {
  const auto shortest = [](double value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return std::string(digits.data(), end);
  };
  std::mt19937_64 random(2);
  for (int i = 0; i < 100'000; ++i) {
    // Up to 10 digits in front of the point and 7 behind it, and the doubles beside them.
    const auto digits = static_cast<double>(random() % 100'000'000'000'000'000U);
    const double number = std::trunc(digits / std::pow(10, random() % 17)) /
                          std::pow(10, static_cast<double>(1 + random() % 7));
    for (const double value : {number, std::nextafter(number, 0), std::nextafter(number, 1e300)}) {
      if (value == std::trunc(value)) continue;  // an integer
      REQUIRE(text_of_number(value) == shortest(value));
      REQUIRE(text_of_number(-value) == shortest(-value));
    }
  }
  for (const double value : {0.001, 0.0010000000000000002, 0.0009999999999999998, 0.000999, 1e-6,
                             0.5, 999999999.999999, 999999999.9999999, 1000000000.5, 2147483647.5})
    CHECK(text_of_number(value) == shortest(value));
}

TEST_CASE("What is not a number is written as Prometheus does") {
  CHECK(text_of_number(std::nan("")) == "NaN");
  CHECK(text_of_number(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(text_of_number(-std::numeric_limits<double>::infinity()) == "-Inf");
}

TEST_CASE("Any number can be read back unchanged") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto bits = random();
    const double value = std::ldexp(static_cast<double>(bits), static_cast<int>(bits % 1100) - 600);
    REQUIRE(std::strtod(text_of_number(value).c_str(), nullptr) == value);
  }
}
