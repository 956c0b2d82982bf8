// What a parser of requests leaves to its user: request targets (RFC 9112, section 3.2) and the
// conditions under which a request has to be rejected.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/web/http_server.h"

namespace rig {

// Longer request targets, heads and bodies are rejected.
inline constexpr std::size_t kMaxTargetBytes = 8192;
inline constexpr std::size_t kMaxHeaderBytes = 16384;
inline constexpr unsigned long kMaxBodyBytes = 65536;

struct RequestTarget {
  std::string path;                                        // percent-decoded
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
};

// In origin-form ("/metrics?a=b") or absolute-form ("http://host/metrics?a=b"). %00 is not decoded.
// Absent for other forms.
std::optional<RequestTarget> parse_request_target(std::string_view target);

// A response with the reason in a line, after which the connection has to be closed.
HttpResponse rejection_with(unsigned status, std::string why);

// The response to a request that cannot be accepted: malformed, ambiguous, or too large. The
// connection has to be closed after it.
std::optional<HttpResponse> reject_request(std::string_view version, std::string_view target,
                                           const HttpRequest& request);

}  // namespace rig
