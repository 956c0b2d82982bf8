#include "web/request_parser.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "web/http_request.h"

using namespace rig;

namespace {

using Progress = RequestParser::Progress;

const std::string kPost =
    "POST /a?b=c HTTP/1.1\r\nHost: rig\r\nX-A:  b \r\nContent-Length: 3\r\n\r\nabc";
const std::string kEmptyChunked =
    "POST /a HTTP/1.1\r\nHost: rig\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: c\r\n\r\n";
const std::string kChunked =
    "POST /a HTTP/1.1\r\nHost: rig\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;x=y\r\nabc\r\n0\r\nX-Trailer: c\r\n\r\n";

// Parses to the end of a request, or to what is wrong with it.
Progress parse_all(RequestParser& parser, std::string& bytes) {
  auto progress = parser.parse(bytes);
  if (progress == Progress::head) progress = parser.parse(bytes);
  return progress;
}

unsigned rejected_with(std::string bytes) {
  RequestParser parser;
  return parse_all(parser, bytes) == Progress::malformed ? parser.rejection().status : 0;
}

std::string head_with(const std::string& header) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n";
}

}  // namespace

TEST_CASE("The head of a request is known before its body") {
  RequestParser parser;
  auto bytes = kPost.substr(0, kPost.size() - 1);
  REQUIRE(parser.parse(bytes) == Progress::head);
  CHECK(parser.target() == "/a?b=c");
  CHECK(parser.version() == "HTTP/1.1");
  const auto request = parser.take_request();
  CHECK(request.method == "POST");
  CHECK(request.header("host") == "rig");
  CHECK(request.header("X-A") == "b");
  CHECK(parser.parse(bytes) == Progress::incomplete);
  bytes += "c";
  CHECK(parser.parse(bytes) == Progress::complete);
  CHECK(bytes.empty());
}

TEST_CASE("A request may arrive in any pieces") {
  for (const auto& text : {kPost, kChunked, kEmptyChunked}) {
    RequestParser parser;
    std::string bytes;
    std::vector<Progress> seen;
    for (const char byte : text) {
      bytes += byte;
      if (const auto progress = parser.parse(bytes); progress != Progress::incomplete)
        seen.push_back(progress);
    }
    CHECK(seen == std::vector{Progress::head, Progress::complete});
    CHECK(bytes.empty());
    CHECK(parser.take_request().header("Host") == "rig");
  }
}

TEST_CASE("The next request remains where it is") {
  for (const auto& text : {kPost, kChunked}) {
    RequestParser parser;
    auto bytes = text + kPost;
    REQUIRE(parse_all(parser, bytes) == Progress::complete);
    CHECK(bytes == kPost);
    CHECK(parser.parse(bytes) == Progress::complete);  // does not begin another one
    CHECK(bytes == kPost);
    parser.reset();
    CHECK(parse_all(parser, bytes) == Progress::complete);
    CHECK(bytes.empty());
  }
}

TEST_CASE("Trailers are not headers") {
  RequestParser parser;
  auto bytes = kChunked;
  REQUIRE(parse_all(parser, bytes) == Progress::complete);
  CHECK_FALSE(parser.take_request().header("X-Trailer"));
}

TEST_CASE("Headers without end are rejected, in whatever pieces they arrive") {
  for (const std::size_t lines : {1U, 7U, 500U}) {
    CAPTURE(lines);
    std::string piece;
    for (std::size_t i = 0; i < lines; ++i) piece += "a:\r\n";
    RequestParser parser;
    std::string bytes = "GET / HTTP/1.1\r\n";
    std::size_t sent = 0;
    while (parser.parse(bytes) == Progress::incomplete && sent < 1'000'000) {
      bytes += piece;
      sent += piece.size();
    }
    CHECK(parser.rejection().status == 431);
    CHECK(sent < 50'000);
  }
}

TEST_CASE("Endless empty lines are malformed") {
  RequestParser parser;
  std::string bytes = "\r\n";
  int lines = 0;
  while (parser.parse(bytes) == Progress::incomplete && lines < 1000) {
    bytes += "\r\n";
    ++lines;
  }
  CHECK(parser.rejection().status == 400);
  CHECK(lines < 1000);
}

TEST_CASE("Empty lines before a request are ignored") {
  RequestParser parser;
  std::string bytes = "\r\n\r\n";
  CHECK(parser.parse(bytes) == Progress::incomplete);
  CHECK(bytes.empty());
  bytes = "\r\n" + kPost;
  CHECK(parser.parse(bytes) == Progress::head);
}

TEST_CASE("A malformed request is rejected with what is wrong") {
  for (const char* request :
       {"GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "G(T / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n"}) {
    INFO(request);
    CHECK(rejected_with(request) == 400);
  }
  for (const char* header :
       {"X", "X : a", ": a", "X(: a", "X: a\rb", "Content-Length: x", "Content-Length: -1",
        "Content-Length: 1, 2", "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 1",
        "Content-Length: 99999999999999999999"}) {
    INFO(header);
    CHECK(rejected_with(head_with(header)) == 400);
  }
  RequestParser parser;
  std::string bytes = head_with("X : a");
  parse_all(parser, bytes);
  CHECK_THAT(std::string(parser.rejection().body.text()), StartsWith("malformed request: "));
}

TEST_CASE("A head whose lines end with LF is rejected at the first line, however it arrives") {
  RequestParser parser;
  std::string bytes = "GET / HTTP/1.1\n";
  CHECK(parser.parse(bytes) == Progress::malformed);
  CHECK_THAT(std::string(parser.rejection().body.text()), ContainsSubstring("CR LF"));
  RequestParser second_line;
  bytes = "GET / HTTP/1.1\r";
  CHECK(second_line.parse(bytes) == Progress::incomplete);
  bytes += "\nHost: a\n";
  CHECK(second_line.parse(bytes) == Progress::malformed);
}

TEST_CASE("A malformed chunk is rejected") {
  const auto chunked = head_with("Transfer-Encoding: chunked");
  for (const char* body :
       {"x\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "ffffffffffffffffff\r\n", "-1\r\n\r\n"}) {
    INFO(body);
    CHECK(rejected_with(chunked + body) == 400);
  }
  CHECK(rejected_with(chunked + "1;" + std::string(100000, 'x')) == 400);
}

TEST_CASE("What is too large is rejected, by its part") {
  CHECK(rejected_with("GET /" + std::string(100000, 'x')) == 414);
  CHECK(rejected_with(head_with("X: " + std::string(100000, 'x'))) == 431);
  CHECK(rejected_with(head_with("Content-Length: " + std::to_string(kMaxBodyBytes + 1))) == 413);
  CHECK(rejected_with(head_with("Transfer-Encoding: chunked") + "10001\r\n") == 413);
  const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
  const auto chunked = head_with("Transfer-Encoding: chunked") + chunk + chunk + chunk + chunk;
  CHECK(rejected_with(chunked + "0\r\n\r\n") == 0);
  CHECK(rejected_with(chunked + "1\r\n") == 413);
}

TEST_CASE("A connection is kept as the version and the headers say") {
  const auto kept = [](const char* version, const char* header) {
    RequestParser parser;
    std::string bytes = std::string("GET / ") + version + "\r\nHost: a\r\n" + header + "\r\n";
    REQUIRE(parse_all(parser, bytes) == Progress::complete);
    return parser.keep_alive();
  };
  CHECK(kept("HTTP/1.1", ""));
  CHECK_FALSE(kept("HTTP/1.1", "Connection: close\r\n"));
  CHECK_FALSE(kept("HTTP/1.1", "Connection: foo, Close\r\n"));
  CHECK_FALSE(kept("HTTP/1.0", ""));
  CHECK(kept("HTTP/1.0", "Connection: Keep-Alive\r\n"));
  CHECK_FALSE(kept("HTTP/1.0", "Connection: close, keep-alive\r\n"));
  CHECK_FALSE(
      kept("HTTP/1.0", "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"));
}

TEST_CASE("Only a client of HTTP/1.1 can wait for 100 Continue") {
  for (const auto& [version, waits] : {std::pair("HTTP/1.1", true), std::pair("HTTP/1.0", false)}) {
    RequestParser parser;
    std::string bytes =
        std::string("GET / ") + version + "\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n";
    REQUIRE(parser.parse(bytes) == Progress::head);
    CHECK(parser.expects_continue() == waits);
  }
}
