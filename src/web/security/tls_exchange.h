// Sends a request to our own server over TLS. Part of rig_tls.so.
#pragma once

#include <string>
#include <string_view>

#include "web/security/gnutls_context.h"

namespace rig {

// See TlsContext::exchange().
std::string exchange_over_tls(int fd, std::string_view request, const GnutlsContext& tls);

}  // namespace rig
