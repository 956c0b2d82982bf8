// gzip compression (RFC 1952) of responses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rig/web/http_server.h"

namespace rig {

// True when an Accept-Encoding header (RFC 9110, 12.5.3) allows gzip.
bool accepts_gzip(std::string_view accept_encoding);

// Absent when out of memory.
std::optional<std::string> gzip(std::string_view text);

// Compresses the body of a response to a client that accepts it.
void gzip_if_accepted(HttpResponse& response, const HttpRequest& request);

}  // namespace rig
