// Sends a request to our own server over TLS.
#pragma once

#include <string>
#include <string_view>

#include "web/security/tls_context.h"

namespace rig {

// Sends the request over a connected socket, and returns the response until the server closes the
// connection. The socket has timeouts for sending and receiving. The server's certificate is not
// verified: it need not be for the address that this program connects to. Throws std::runtime_error
// that says what failed.
std::string exchange_over_tls(int fd, std::string_view request, const TlsContext& tls);

}  // namespace rig
