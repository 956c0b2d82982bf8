// Numbers as they are written in the text format and in JSON.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rig {

// The shortest digits that result in the same double when they are parsed: "68", "0.1", "1e-07".
// Integers below 10^15 have no exponent. "NaN", "+Inf" and "-Inf" for what is not a number.
std::string_view number_text(double value, std::span<char, 32> buffer);

// Appends number_text().
void append_number(std::string& text, double value);

}  // namespace rig
