// Valid UTF-8 from the text of devices, drivers and requests: Prometheus drops a whole scrape for
// one invalid label value, and JSON parsers reject a log line.
#pragma once

#include <string>
#include <string_view>

namespace rig {

// Every byte that is not part of a valid sequence (RFC 3629) becomes U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace rig
