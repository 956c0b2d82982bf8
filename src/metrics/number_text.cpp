#include "metrics/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace rig {
namespace {

// A double has every integer below 2^53 exactly.
constexpr double kMaxPlainInteger = 1e15;

bool is_plain_integer(double value) {
  return std::abs(value) < kMaxPlainInteger && value == std::trunc(value) &&
         !(value == 0 && std::signbit(value));
}

}  // namespace

std::string_view number_text(double value, std::span<char, 32> buffer) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  char* const begin = buffer.data();
  char* const end = begin + buffer.size();
  const auto done = is_plain_integer(value)
                        ? std::to_chars(begin, end, static_cast<std::int64_t>(value))
                        : std::to_chars(begin, end, value);
  return {begin, done.ptr};
}

void append_number(std::string& text, double value) {
  std::array<char, 32> buffer{};
  text += number_text(value, buffer);
}

}  // namespace rig
