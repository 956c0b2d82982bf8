#include "web/response_headers.h"

#include <map>

#include "support/catch.h"

namespace rig {
namespace {

std::map<std::string, std::string> headers_with(const HttpResponse& response,
                                                const WebConfig* config) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : response_headers(response, config)) {
    CHECK_FALSE(headers.contains(name));
    headers[name] = value;
  }
  return headers;
}

}  // namespace

TEST_CASE("every response has security headers") {
  const auto headers = headers_with({}, nullptr);
  CHECK(headers.at("X-Content-Type-Options") == "nosniff");
  CHECK(headers.at("X-Frame-Options") == "DENY");
  CHECK(headers.contains("Content-Security-Policy"));
}

TEST_CASE("headers of the web configuration replace ours, and an empty one omits it") {
  WebConfig config;
  config.headers = {{"Strict-Transport-Security", "max-age=1"}, {"Content-Security-Policy", ""}};
  const auto headers = headers_with({}, &config);
  CHECK(headers.at("Strict-Transport-Security") == "max-age=1");
  CHECK_FALSE(headers.contains("Content-Security-Policy"));
  CHECK(headers.at("X-Content-Type-Options") == "nosniff");
}

TEST_CASE("a response's own headers replace those of the web configuration") {
  WebConfig config;
  config.headers = {{"Content-Security-Policy", "default-src 'self'"}};
  HttpResponse page;
  page.headers = {{"Content-Security-Policy", "script-src 'sha256-x'"}};
  CHECK(headers_with(page, &config).at("Content-Security-Policy") == "script-src 'sha256-x'");
}

TEST_CASE("pages of the same origin may embed ours if the web configuration says so") {
  WebConfig config;
  config.headers = {{"X-Frame-Options", "sameorigin"}};
  const auto headers = headers_with({}, &config);
  CHECK(headers.at("X-Frame-Options") == "sameorigin");
  CHECK_THAT(headers.at("Content-Security-Policy"), ContainsSubstring("frame-ancestors 'self'"));
}

}  // namespace rig
