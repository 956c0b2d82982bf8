#include "web/security/gnutls_session.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace rig {
namespace {

constexpr std::size_t kReadAtOnce = 16384;

}  // namespace

GnutlsSession::GnutlsSession(const GnutlsContext& context, int fd) : context_(context) {
  const int result = gnutls_init(&session_, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  if (result < 0) throw std::runtime_error(gnutls_strerror(result));
  context_.set_up(session_);
  gnutls_transport_set_int(session_, fd);
}

GnutlsSession::~GnutlsSession() { gnutls_deinit(session_); }

StreamStatus GnutlsSession::status_of(int error) const {
  if (gnutls_error_is_fatal(error) != 0) return StreamStatus::ended;
  return gnutls_record_get_direction(session_) == 0 ? StreamStatus::wants_to_read
                                                    : StreamStatus::wants_to_write;
}

StreamStatus GnutlsSession::handshake() {
  int result = GNUTLS_E_AGAIN;
  do {
    result = gnutls_handshake(session_);
  } while (result == GNUTLS_E_WARNING_ALERT_RECEIVED || result == GNUTLS_E_INTERRUPTED);
  if (result == GNUTLS_E_SUCCESS) return StreamStatus::done;
  return gnutls_error_is_fatal(result) != 0 ? fail(result) : status_of(result);
}

StreamStatus GnutlsSession::fail(int error) const {
  context_.log().debug(fmt::format("http: TLS: {}", gnutls_strerror(error)));
  // A rejected certificate has got its alert already.
  if (error != GNUTLS_E_CERTIFICATE_ERROR) gnutls_alert_send_appropriate(session_, error);
  return StreamStatus::ended;
}

StreamStatus GnutlsSession::read(std::string& received) {
  std::array<char, kReadAtOnce> bytes;
  const auto result = gnutls_record_recv(session_, bytes.data(), bytes.size());
  if (result > 0) {
    received.append(bytes.data(), static_cast<std::size_t>(result));
    return StreamStatus::done;
  }
  if (result == 0) return StreamStatus::ended;
  if (result == GNUTLS_E_REHANDSHAKE)
    gnutls_alert_send(session_, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
  const auto error = static_cast<int>(result);
  return gnutls_error_is_fatal(error) != 0 ? fail(error) : status_of(error);
}

bool GnutlsSession::has_buffered_input() const { return gnutls_record_check_pending(session_) > 0; }

StreamStatus GnutlsSession::write(std::string_view bytes, std::size_t& sent) {
  const auto result = gnutls_record_send(session_, bytes.data(), bytes.size());
  if (result < 0) return status_of(static_cast<int>(result));
  sent += static_cast<std::size_t>(result);
  return StreamStatus::done;
}

void GnutlsSession::end_output() { gnutls_bye(session_, GNUTLS_SHUT_WR); }

bool GnutlsSession::is_self() const { return context_.is_self(session_); }

}  // namespace rig
