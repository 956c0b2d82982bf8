#include "web/request_origin.h"

#include <strings.h>

namespace rig {
namespace {

bool is_same_host(std::string_view left, std::string_view right) {
  return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

// "http://rig:10068" -> "rig:10068". Empty for "null", which is the origin of local files and of
// sandboxed pages.
std::string_view host_of(std::string_view origin) {
  const auto scheme_end = origin.find("://");
  return scheme_end == origin.npos ? std::string_view() : origin.substr(scheme_end + 3);
}

}  // namespace

bool is_cross_origin(const HttpRequest& request) {
  // It takes precedence, since a reverse proxy may replace the header Host, but not this one.
  if (const auto site = request.header("Sec-Fetch-Site"))
    return *site != "same-origin" && *site != "none";
  const auto origin = request.header("Origin");
  if (!origin) return false;
  const auto from = host_of(*origin);
  return from.empty() || !is_same_host(from, request.header("Host").value_or(""));
}

}  // namespace rig
