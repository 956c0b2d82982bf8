// Converts text of devices, drivers and requests to valid UTF-8: because of a single invalid label
// value Prometheus would reject the whole scrape, and JSON parsers would reject a log line.
#pragma once

#include <string>
#include <string_view>

namespace rig {

// Every byte that is not part of a valid sequence (RFC 3629) becomes U+FFFD.
std::string valid_utf8(std::string_view text);

// True for text that is valid_utf8() and has one byte per character, as most has.
bool is_ascii(std::string_view text);

}  // namespace rig
