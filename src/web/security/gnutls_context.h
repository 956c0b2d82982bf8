// The certificate, the accepted clients and the versions and ciphers of TLS, for GnuTLS. Part of
// rig_tls.so.
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rig/config/web_config.h"
#include "web/security/crypto_library.h"
#include "web/security/tls_priorities.h"

namespace rig {

class GnutlsContext : public TlsContext {
 public:
  // Uses the texts of PEM. Throws ConfigError if one cannot be used.
  GnutlsContext(const WebConfig::Tls& tls, const CryptoLog& log);
  GnutlsContext(const GnutlsContext&) = delete;
  GnutlsContext& operator=(const GnutlsContext&) = delete;
  ~GnutlsContext() override;

  std::unique_ptr<TlsSession> serve(int fd) const override;
  std::string exchange(int fd, std::string_view request) const override;

  // Prepares a session of the server before its handshake, which fails if a client certificate is
  // required and missing or not accepted.
  void set_up(gnutls_session_t session) const;

  // Prepares a session of a client that connects to a server with the same settings, with the
  // server's certificate as its own.
  void set_up_client(gnutls_session_t session) const;

  // A client that has shown the server's own certificate, which would not be accepted otherwise. It
  // has the server's key, as the exporter's own health check does.
  bool is_self(gnutls_session_t session) const;

  const CryptoLog& log() const { return log_; }

 private:
  struct Verification;

  static int on_certificate(gnutls_session_t session);
  void load_certificate(const WebConfig::Tls& tls);
  void load_client_ca(const PemSource& source);
  Verification verify(gnutls_session_t session) const;
  bool is_trusted(const std::vector<gnutls_x509_crt_t>& chain) const;
  bool is_own(const gnutls_datum_t& certificate) const;

  const CryptoLog log_;
  const WebConfig::ClientAuth client_auth_;
  const std::vector<std::string> client_allowed_sans_;
  gnutls_certificate_credentials_t credentials_ = nullptr;
  gnutls_x509_trust_list_t client_ca_ = nullptr;
  std::string own_certificate_;  // DER
  TlsPriorities priorities_;
};

}  // namespace rig
