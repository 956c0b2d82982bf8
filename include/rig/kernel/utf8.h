// Text from devices, drivers and requests, made fit for those who accept UTF-8 only: Prometheus
// drops a whole scrape for one label value that is not, and JSON readers a whole log.
#pragma once

#include <string>
#include <string_view>

namespace rig {

// Each byte that is no part of a UTF-8 sequence (RFC 3629) becomes U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace rig
