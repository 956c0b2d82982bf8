// Numbers as they are written in the text format and in JSON: with the shortest digits that result
// in the same double when they are parsed, such as "68", "0.1" and "1e-07". Integers below 10^15
// have no exponent. "NaN", "+Inf" and "-Inf" for what is not a number.
#pragma once

#include <cstddef>
#include <string>

#include "rig/metrics/text_buffer.h"

namespace rig {

// The number of bytes that a number takes at most.
inline constexpr std::size_t kMaxNumberSize = 32;

// Writes a number to `to`, where kMaxNumberSize bytes have to be available. Returns its end.
char* write_number(char* to, double value);

void append_number(std::string& text, double value);
void append_number(TextBuffer& text, double value);

}  // namespace rig
