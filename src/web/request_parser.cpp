#include "web/request_parser.h"

#include <fmt/format.h>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <optional>
#include <utility>

#include "web/http_request.h"

namespace rig {
namespace {

namespace beast = boost::beast;
using beast::http::error;
using boost::system::error_code;

// More than the accepted targets and headers, so that requests that are a little larger are
// rejected with a reason.
constexpr std::size_t kMaxHeadBytes = kMaxTargetBytes + 2 * kMaxHeaderBytes;
// What a header takes in addition to its bytes.
constexpr std::size_t kHeaderOverhead = 32;
constexpr std::size_t kMaxEmptyLineBytes = 64;
// "0\r\n\r\n"
constexpr std::size_t kLastChunkBytes = 5;

}  // namespace

class RequestParser::Parser : public beast::http::basic_parser<true> {
 public:
  Parser() {
    header_limit(kMaxHeadBytes);
    body_limit(kMaxBodyBytes);
    eager(false);
  }

  HttpRequest request = {};
  std::string target = {};
  bool is_1_1 = false;
  bool has_request_line = false;
  bool expects_continue = false;
  bool wants_close = false;

 private:
  void on_request_impl(beast::http::verb /*method*/, beast::string_view method,
                       beast::string_view request_target, int version,
                       error_code& /*ec*/) override {
    request.method.assign(method.data(), method.size());
    target.assign(request_target.data(), request_target.size());
    is_1_1 = version >= 11;
    has_request_line = true;
  }

  // The limit of the parser is for what it parses at once.
  void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                     error_code& code) override {
    header_bytes_ += name.size() + value.size() + kHeaderOverhead;
    if (header_bytes_ > kMaxHeadBytes) code = error::header_limit;
    if (code || has_head_) return;  // after the head: a trailer
    request.headers.emplace_back(std::string(name.data(), name.size()),
                                 std::string(value.data(), value.size()));
    if (field == beast::http::field::expect && beast::iequals(value, "100-continue"))
      expects_continue = is_1_1;
    if (field == beast::http::field::connection && beast::http::token_list{value}.exists("close"))
      wants_close = true;
  }

  void on_header_impl(error_code& /*ec*/) override { has_head_ = true; }
  std::size_t on_body_impl(beast::string_view body, error_code& /*ec*/) override {
    return body.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, beast::string_view body,
                                 error_code& /*ec*/) override {
    return body.size();
  }

  // Nothing to do.
  void on_response_impl(int /*code*/, beast::string_view /*reason*/, int /*version*/,
                        error_code& /*ec*/) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                         error_code& /*ec*/) override {}
  void on_chunk_header_impl(std::uint64_t /*size*/, beast::string_view /*extensions*/,
                            error_code& /*ec*/) override {}
  void on_finish_impl(error_code& /*ec*/) override {}

  bool has_head_ = false;
  std::size_t header_bytes_ = 0;
};

namespace {

// The parser would wait for the rest of a head whose lines end with LF, such as one that was typed
// into a terminal.
bool has_bare_line_feed(std::string_view bytes) {
  for (auto at = bytes.find('\n'); at != bytes.npos; at = bytes.find('\n', at + 1)) {
    if (at == 0 || bytes[at - 1] != '\r') return true;
  }
  return false;
}

HttpResponse rejection_of(const error_code& code, bool has_request_line) {
  if (code == error::header_limit && !has_request_line)
    return rejection_with(
        414, fmt::format("the request target is longer than {} bytes", kMaxTargetBytes));
  if (code == error::header_limit)
    return rejection_with(431,
                          fmt::format("the headers are longer than {} bytes", kMaxHeaderBytes));
  if (code == error::body_limit)
    return rejection_with(413,
                          fmt::format("the request body is larger than {} bytes", kMaxBodyBytes));
  return rejection_with(400, "malformed request: " + code.message());
}

}  // namespace

RequestParser::RequestParser() : parser_(std::make_unique<Parser>()) {}
RequestParser::~RequestParser() = default;

RequestParser::Progress RequestParser::reject(HttpResponse rejection) {
  rejection_ = std::move(rejection);
  return Progress::malformed;
}

RequestParser::Progress RequestParser::parse(std::string& bytes) {
  if (!parser_->got_some()) {
    const auto empty = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    bytes.erase(0, empty);
    empty_line_bytes_ += empty;
    if (empty_line_bytes_ > kMaxEmptyLineBytes)
      return reject(rejection_with(400, "malformed request: too many empty lines"));
  }
  const bool had_head = parser_->is_header_done();
  while (!parser_->is_done() &&
         bytes.size() >= (had_head && parser_->chunked() ? kLastChunkBytes : 1)) {
    error_code code;
    const auto used = parser_->put({bytes.data(), bytes.size()}, code);
    bytes.erase(0, used);
    if (code == error::need_more) break;
    if (code) return reject(rejection_of(code, parser_->has_request_line));
    if (!had_head && parser_->is_header_done()) return Progress::head;
  }
  if (parser_->is_done()) return Progress::complete;
  if (!parser_->is_header_done() && has_bare_line_feed(bytes))
    return reject(rejection_with(400, "malformed request: a line does not end with CR LF"));
  if (bytes.size() > kMaxHeadBytes)
    return reject(rejection_with(400, "malformed request: a chunk"));
  return Progress::incomplete;
}

std::string_view RequestParser::method() const { return parser_->request.method; }
HttpRequest RequestParser::take_request() { return std::move(parser_->request); }
std::string_view RequestParser::target() const { return parser_->target; }
std::string_view RequestParser::version() const {
  return parser_->is_1_1 ? "HTTP/1.1" : "HTTP/1.0";
}
bool RequestParser::expects_continue() const {
  return parser_->expects_continue && !parser_->is_done();
}
// A server of HTTP/1.0 may have understood a request with a transfer coding differently.
bool RequestParser::keep_alive() const {
  return parser_->keep_alive() && !parser_->wants_close && (parser_->is_1_1 || !parser_->chunked());
}
const HttpResponse& RequestParser::rejection() const { return rejection_; }
void RequestParser::reset() {
  parser_ = std::make_unique<Parser>();
  empty_line_bytes_ = 0;
}

}  // namespace rig
