#include "metrics/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace rig {
namespace {

// Below it, a double has every integer exactly, and no two decimal numbers of that many digits
// result in the same double.
constexpr double k15Digits = 1e15;

constexpr double kMillion = 1e6;

char* write_integer(char* to, std::int64_t value) {
  return std::to_chars(to, to + kMaxNumberSize, value).ptr;
}

// `value` is not an integer, and is written like all doubles of that size: without an exponent.
char* write_millionths(char* to, std::int64_t value) {
  constexpr std::int64_t kOne = 1'000'000;
  to = write_integer(to, value / kOne);
  *to++ = '.';
  auto rest = static_cast<std::uint32_t>(value % kOne);
  for (std::uint32_t digit = kOne / 10; rest != 0; digit /= 10) {
    *to++ = static_cast<char>('0' + rest / digit);
    rest %= digit;
  }
  return to;
}

char* write_other(char* to, double value) {
  if (std::isnan(value)) return std::ranges::copy(std::string_view("NaN"), to).out;
  if (std::isinf(value))
    return std::ranges::copy(std::string_view(value < 0 ? "-Inf" : "+Inf"), to).out;
  return std::to_chars(to, to + kMaxNumberSize, value).ptr;
}

}  // namespace

char* write_number(char* to, double value) {
  const double magnitude = std::abs(value);
  if (!(magnitude < k15Digits)) return write_other(to, value);  // also if it is not a number
  const auto integer = static_cast<std::int64_t>(value);
  if (static_cast<double>(integer) == value && !(integer == 0 && std::signbit(value)))
    return write_integer(to, integer);

  // std::to_chars() takes ten times as long to find the few digits that the kernel printed. If they
  // result in this double, they are the shortest: there are at most 15 of them.
  if (magnitude >= 0.001 && magnitude < k15Digits / kMillion) {
    const auto millionths = std::llround(magnitude * kMillion);
    if (static_cast<double>(millionths) / kMillion == magnitude) {
      if (value < 0) *to++ = '-';
      return write_millionths(to, millionths);
    }
  }
  return write_other(to, value);
}

void append_number(std::string& text, double value) {
  std::array<char, kMaxNumberSize> buffer;
  text.append(buffer.data(), write_number(buffer.data(), value));
}

void append_number(TextBuffer& text, double value) {
  text.append_written(kMaxNumberSize, [=](char* to) { return write_number(to, value); });
}

}  // namespace rig
