#include "web/response_head.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("A response has a status line, a date, its type, its length and the security headers") {
  const auto head = response_head({200, "text/plain", "abc", {{"Vary", "Accept"}}}, nullptr,
                                  Persistence::keep_alive);
  CHECK_THAT(head, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  CHECK_THAT(head, Matches("[^]*\r\nDate: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} "
                           "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT\r\n[^]*"));
  CHECK_THAT(head, ContainsSubstring("\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"));
  CHECK_THAT(head, ContainsSubstring("\r\nVary: Accept\r\n"));
  CHECK_THAT(head, ContainsSubstring("\r\nX-Content-Type-Options: nosniff\r\n"));
  CHECK_THAT(head, !ContainsSubstring("Connection"));
  CHECK_THAT(head, EndsWith("\r\n\r\n"));
}

TEST_CASE("Status codes have their reason phrases") {
  const auto head = response_head({431, "text/plain", "", {}}, nullptr, Persistence::close);
  CHECK_THAT(head, StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
}

TEST_CASE("What happens to the connection is said once") {
  const HttpResponse closing{503, "text/plain", "", {{"Connection", "close"}}};
  CHECK(closes(closing));
  CHECK_FALSE(closes(HttpResponse{}));
  CHECK_THAT(response_head(closing, nullptr, Persistence::close),
             EndsWith("\r\nConnection: close\r\n\r\n"));
  CHECK_THAT(response_head(closing, nullptr, Persistence::explicit_keep_alive),
             EndsWith("\r\nConnection: keep-alive\r\n\r\n"));
}

TEST_CASE("A response without a body has neither a type nor a length") {
  for (const unsigned status : {204U, 304U}) {
    CHECK_FALSE(has_body(status));
    const auto head = response_head({status, "text/plain", "", {}}, nullptr, Persistence::close);
    CHECK_THAT(head, !ContainsSubstring("Content-Type:") && !ContainsSubstring("Content-Length"));
  }
  CHECK(has_body(200));
}
