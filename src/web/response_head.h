// The status line and the headers of a response (RFC 9112).
#pragma once

#include <string>

#include "rig/config/web_config.h"
#include "rig/web/http_server.h"

namespace rig {

// What the client wants to happen to its connection after the response.
enum class Persistence {
  close,
  keep_alive,          // as in HTTP/1.1, where it need not be said
  explicit_keep_alive  // as in HTTP/1.0
};

// Whether the connection has to be closed after a response.
bool closes(const HttpResponse& response);

// `config` may be null: our own headers only.
std::string response_head(const HttpResponse& response, const WebConfig* config,
                          Persistence persistence);

// Whether responses with that status code have a body.
bool has_body(unsigned status);

}  // namespace rig
