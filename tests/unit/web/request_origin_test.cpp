#include "web/request_origin.h"

#include "rig/web/http_server.h"
#include "support/catch.h"
#include "web/http_client.h"

using namespace rig;

namespace {

bool rejects(std::vector<std::pair<std::string, std::string>> headers) {
  headers.emplace_back("Host", "rig.lan:10068");
  return is_cross_origin({.method = "POST", .path = "/", .query = {}, .headers = headers});
}

}  // namespace

TEST_CASE("A client that is no browser says nothing about its origin, and is accepted") {
  CHECK_FALSE(rejects({}));
}

TEST_CASE("A page of the exporter itself is accepted") {
  CHECK_FALSE(rejects({{"Origin", "http://rig.lan:10068"}}));
  CHECK_FALSE(rejects({{"origin", "https://RIG.lan:10068"}}));
  CHECK_FALSE(rejects({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://proxy.lan"}}));
  CHECK_FALSE(rejects({{"Sec-Fetch-Site", "none"}}));
}

TEST_CASE("A page of another host, port or site, and one without an origin, is rejected") {
  CHECK(rejects({{"Origin", "http://evil.example"}}));
  CHECK(rejects({{"Origin", "http://rig.lan:8080"}}));
  CHECK(rejects({{"Origin", "http://rig.lan"}}));
  CHECK(rejects({{"Origin", "http://rig.lan:10068.evil.example"}}));
  CHECK(rejects({{"Origin", "null"}}));
  CHECK(rejects({{"Origin", ""}}));
  CHECK(rejects({{"Sec-Fetch-Site", "cross-site"}}));
  CHECK(rejects({{"Sec-Fetch-Site", "same-site"}, {"Origin", "http://rig.lan:10068"}}));
}

TEST_CASE("A route has its own methods, and writes of other origins do not reach it") {
  int calls = 0;
  std::vector<HttpRoute> routes{{"/write",
                                 [&calls](const HttpRequest&) {
                                   ++calls;
                                   return HttpResponse{};
                                 },
                                 {"POST", "PUT"}}};
  HttpServer server(std::vector<std::string>{"127.0.0.1:0"}, std::move(routes));
  const auto& at = server.addresses().front();
  const auto got = ask(at, "GET", "/write");
  CHECK(got.starts_with("HTTP/1.1 405"));
  CHECK(got.find("Allow: POST, PUT\r\n") != got.npos);
  CHECK(ask(at, "DELETE", "/write").starts_with("HTTP/1.1 405"));
  CHECK(ask(at, "POST", "/write", "Origin: http://evil.example\r\n").starts_with("HTTP/1.1 403"));
  CHECK(calls == 0);
  CHECK(ask(at, "POST", "/write", "Content-Length: 0\r\n").starts_with("HTTP/1.1 200"));
  CHECK(ask(at, "PUT", "/write", "Content-Length: 0\r\nOrigin: http://test\r\n")
            .starts_with("HTTP/1.1 200"));
  CHECK(calls == 2);
}
