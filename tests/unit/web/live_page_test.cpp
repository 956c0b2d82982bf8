#include "web/live_page.h"

#include <zlib.h>

#include <algorithm>
#include <string>

#include "support/catch.h"

using namespace rig;

namespace {

std::string header_of_page(const HttpResponse& response, const std::string& name) {
  const auto found =
      std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return found == response.headers.end() ? "" : found->second;
}

std::string unpacked_page(const std::string& packed) {
  std::string text(1'000'000, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
  std::string input = packed;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

}  // namespace

TEST_CASE("The live page is one document, and less than 60 kB when compressed") {
  const HttpResponse plain = live_page({});
  CHECK(plain.status == 200);
  CHECK(plain.content_type == "text/html; charset=utf-8");
  CHECK(plain.body.text().starts_with("<!doctype html>"));
  CHECK(plain.body.text().ends_with("</html>\n"));
  CHECK(header_of_page(plain, "Content-Encoding").empty());

  HttpRequest request;
  request.headers = {{"Accept-Encoding", "gzip"}};
  const HttpResponse packed = live_page(request);
  CHECK(header_of_page(packed, "Content-Encoding") == "gzip");
  CHECK(packed.body.size() < 60'000);
  CHECK(unpacked_page(std::string(packed.body.text())) == plain.body.text());
}

TEST_CASE("The live page allows its own style and script only, and nothing from elsewhere") {
  const std::string policy = header_of_page(live_page({}), "Content-Security-Policy");
  CHECK(policy.starts_with("default-src 'none'; script-src 'sha256-"));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(policy.find("connect-src 'self'") != std::string::npos);
  CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
  // A hash of 256 bits in base64.
  const auto start = policy.find("script-src 'sha256-") + 19;
  CHECK(policy.find('\'', start) - start == 44);
}

TEST_CASE("The live page names no other host") {
  std::string body(live_page({}).body.text());
  for (std::size_t at = body.find("://"); at != std::string::npos; at = body.find("://", at + 1)) {
    CHECK(body.substr(at, 13) == "://www.w3.org");  // the namespace of SVG
  }
}
