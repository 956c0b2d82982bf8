#include "web/security/tls_exchange.h"

#include <gnutls/gnutls.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace rig {
namespace {

constexpr std::size_t kMaxExchange = 65536;

// Repeats a call that a signal has interrupted. Throws if it fails.
template <typename Call>
std::size_t completed(const Call& call) {
  auto result = call();
  while (result == GNUTLS_E_INTERRUPTED) result = call();
  if (result == GNUTLS_E_AGAIN) throw std::runtime_error("TLS: timed out");
  if (result < 0)
    throw std::runtime_error(std::string("TLS: ") + gnutls_strerror(static_cast<int>(result)));
  return static_cast<std::size_t>(result);
}

}  // namespace

std::string exchange_over_tls(int fd, std::string_view request, const GnutlsContext& tls) {
  gnutls_session_t session = nullptr;
  completed([&] { return gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL); });
  const std::unique_ptr<std::remove_pointer_t<gnutls_session_t>, decltype(&gnutls_deinit)> owned(
      session, gnutls_deinit);
  tls.set_up_client(session);
  gnutls_transport_set_int(session, fd);
  completed([&] { return gnutls_handshake(session); });
  completed([&] { return gnutls_record_send(session, request.data(), request.size()); });
  std::string response;
  std::array<char, 4096> part;
  while (response.size() < kMaxExchange) {
    const auto size =
        completed([&] { return gnutls_record_recv(session, part.data(), part.size()); });
    if (size == 0) break;
    response.append(part.data(), size);
  }
  return response;
}

}  // namespace rig
