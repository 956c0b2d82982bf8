#include "web/http_request.h"

#include "support/catch.h"

using namespace rig;

namespace {

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

HttpRequest with_headers(QueryPairs headers) { return {"GET", "/metrics", {}, std::move(headers)}; }

unsigned rejected(const HttpRequest& request, std::string_view version = "HTTP/1.1",
                  const std::string& target = "/metrics") {
  const auto response = reject_request(version, target, request);
  return response ? response->status : 0;
}

}  // namespace

TEST_CASE("A request target is split into a decoded path and parameters in order") {
  const auto target = parse_request_target("/a%20b+c?x=1&y=a+b%26&&z&=v&x=2");
  REQUIRE(target);
  CHECK(target->path == "/a b+c");
  CHECK(target->query == QueryPairs{{"x", "1"}, {"y", "a b&"}, {"z", ""}, {"", "v"}, {"x", "2"}});
}

TEST_CASE("A request target in absolute-form has the same path") {
  CHECK(parse_request_target("http://rig:10068/metrics?a=b")->path == "/metrics");
  CHECK(parse_request_target("HTTPS://rig/metrics")->path == "/metrics");
  CHECK(parse_request_target("http://rig")->path == "/");
  CHECK(parse_request_target("http://rig?a=b")->path == "/");
  CHECK(parse_request_target("http://rig?a=b")->query == QueryPairs{{"a", "b"}});
}

TEST_CASE("Request targets of other forms are not accepted") {
  for (const char* target : {"", "*", "metrics", "rig:443", "ftp://rig/metrics"})
    CHECK_FALSE(parse_request_target(target));
}

TEST_CASE("A malformed escape sequence and %00 remain as they are") {
  for (const char* path : {"/%", "/%4", "/%zz", "/%00", "/a%-1"})
    CHECK(parse_request_target(path)->path == path);
}

TEST_CASE("HTTP/1.1 needs exactly one Host, HTTP/1.0 none") {
  CHECK(rejected(with_headers({})) == 400);
  CHECK(rejected(with_headers({}), "HTTP/1.0") == 0);
  CHECK(rejected(with_headers({{"host", "a"}})) == 0);
  CHECK(rejected(with_headers({{"Host", "a"}, {"HOST", "a"}})) == 400);
}

TEST_CASE("A request whose length is ambiguous is rejected") {
  const std::pair<std::string, std::string> host{"Host", "a"};
  CHECK(rejected(with_headers({host, {"Content-Length", "2"}, {"content-length", "2"}})) == 0);
  CHECK(rejected(with_headers({host, {"Content-Length", "2"}, {"Content-Length", "3"}})) == 400);
  CHECK(rejected(with_headers({host, {"Content-Length", "2"}, {"Transfer-Encoding", "chunked"}})) ==
        400);
  for (const char* length : {"", "-1", "+1", "1 2", "0x10", "1,1"})
    CHECK(rejected(with_headers({host, {"Content-Length", length}})) == 400);
  CHECK(rejected(with_headers({host, {"Transfer-Encoding", "Chunked"}})) == 0);
  CHECK(rejected(with_headers({host, {"Transfer-Encoding", "gzip, chunked"}})) == 501);
}

TEST_CASE("A request body that is too large is rejected by its length") {
  const std::pair<std::string, std::string> host{"Host", "a"};
  CHECK(rejected(with_headers({host, {"Content-Length", "65536"}})) == 0);
  for (const char* length : {"65537", "18446744073709551616"})
    CHECK(rejected(with_headers({host, {"Content-Length", length}})) == 413);
}

TEST_CASE("A target or head that is too long is rejected") {
  const HttpRequest request = with_headers({{"Host", "a"}});
  CHECK(rejected(request, "HTTP/1.1", std::string(8192, '/')) == 0);
  CHECK(rejected(request, "HTTP/1.1", std::string(8193, '/')) == 414);
  CHECK(rejected(with_headers({{"Host", "a"}, {"X", std::string(16378, 'x')}})) == 0);
  CHECK(rejected(with_headers({{"Host", "a"}, {"X", std::string(16379, 'x')}})) == 431);
}
