// Parses the requests that arrive on a connection (RFC 9112), with Boost.Beast.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "rig/web/http_server.h"

namespace rig {

class RequestParser {
 public:
  enum class Progress {
    incomplete,  // more bytes are needed
    head,        // the request line and the headers are complete; the body, if any, is not
    complete,
    malformed  // see rejection(); nothing that follows on this connection can be understood
  };

  RequestParser();
  ~RequestParser();

  // Parses bytes of one request and removes them: up to the end of its head, or to its end. A few
  // empty lines before a request are ignored, its body and trailers are skipped.
  Progress parse(std::string& bytes);

  // Empty until the request line is complete, and after take_request().
  std::string_view method() const;

  // Of a request whose head is complete. The path and the query are not set.
  HttpRequest take_request();
  std::string_view target() const;
  std::string_view version() const;  // "HTTP/1.1" or "HTTP/1.0"
  // Whether the client waits for "100 Continue" before it sends the rest of the body.
  bool expects_continue() const;
  // Whether another request may follow.
  bool keep_alive() const;

  const HttpResponse& rejection() const;

  // The next bytes are those of another request.
  void reset();

 private:
  class Parser;

  Progress reject(HttpResponse rejection);

  std::unique_ptr<Parser> parser_;
  std::size_t empty_line_bytes_ = 0;  // before the request
  HttpResponse rejection_;
};

}  // namespace rig
