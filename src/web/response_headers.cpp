#include "web/response_headers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace rig {
namespace {

// No browser should guess a type, embed the response, or load anything.
constexpr std::array<std::pair<const char*, const char*>, 4> kSecurityHeaders{{
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
}};

// Whether the web configuration lets pages of the same origin embed ours.
bool may_be_embedded(const WebConfig* config) {
  static const std::pair<std::string, std::string> kSameOrigin{"X-Frame-Options", "sameorigin"};
  return config != nullptr &&
         std::ranges::find(config->headers, kSameOrigin) != config->headers.end();
}

// Browsers ignore X-Frame-Options if the content security policy says who may embed a page.
void allow_embedding(std::string& policy) {
  constexpr std::string_view kNone = "frame-ancestors 'none'";
  if (const auto at = policy.find(kNone); at != policy.npos)
    policy.replace(at, kNone.size(), "frame-ancestors 'self'");
}

}  // namespace

std::vector<std::pair<std::string, std::string>> response_headers(const HttpResponse& response,
                                                                  const WebConfig* config) {
  auto headers = response.headers;
  const auto add = [&](std::string_view name, std::string_view value) {
    const auto is_named = [&](const auto& header) { return header.first == name; };
    if (std::ranges::none_of(headers, is_named)) headers.emplace_back(name, value);
  };
  if (config != nullptr) {
    for (const auto& [name, value] : config->headers) add(name, value);
  }
  for (const auto& [name, value] : kSecurityHeaders) add(name, value);
  std::erase_if(headers, [](const auto& header) { return header.second.empty(); });
  if (may_be_embedded(config)) {
    for (auto& [name, value] : headers) {
      if (name == "Content-Security-Policy") allow_embedding(value);
    }
  }
  return headers;
}

}  // namespace rig
