// Parses the requests that arrive on a connection (RFC 9112), with Boost.Beast.
#pragma once

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

  // Parses bytes of one request and removes them: up to the end of its head, or to its end. Empty
  // lines before a request are ignored, its body and trailers are skipped.
  Progress parse(std::string& bytes);

  // Whether a part of a request has been parsed.
  bool has_begun() const;

  // Of a request whose head is complete. The path and the query are not set.
  HttpRequest take_request();
  std::string_view target() const;
  std::string_view version() const;  // "HTTP/1.1" or "HTTP/1.0"
  // Whether the client waits for "100 Continue" before it sends the body.
  bool expects_continue() const;
  // Whether the client wants to send another request.
  bool keep_alive() const;

  const HttpResponse& rejection() const;

  // The next bytes are those of another request.
  void reset();

 private:
  class Parser;

  Progress reject(HttpResponse rejection);

  std::unique_ptr<Parser> parser_;
  HttpResponse rejection_;
};

}  // namespace rig
