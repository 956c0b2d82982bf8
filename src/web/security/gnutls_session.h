// A connection of the server through GnuTLS. Part of rig_tls.so.
#pragma once

#include <gnutls/gnutls.h>

#include "web/security/gnutls_context.h"

namespace rig {

class GnutlsSession : public TlsSession {
 public:
  // Throws std::runtime_error. The context and the socket have to exist as long as the session.
  GnutlsSession(const GnutlsContext& context, int fd);
  GnutlsSession(const GnutlsSession&) = delete;
  GnutlsSession& operator=(const GnutlsSession&) = delete;
  ~GnutlsSession() override;

  StreamStatus handshake() override;
  StreamStatus read(std::string& received) override;
  bool has_buffered_input() const override;
  StreamStatus write(std::string_view bytes, std::size_t& sent) override;
  void end_output() override;
  bool is_self() const override;

 private:
  StreamStatus status_of(int error) const;
  StreamStatus fail(int error) const;

  const GnutlsContext& context_;
  gnutls_session_t session_ = nullptr;
};

}  // namespace rig
