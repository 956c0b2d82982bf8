// The certificate, the accepted clients and the versions and ciphers of TLS, for GnuTLS.
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "rig/config/web_config.h"
#include "web/security/tls_priorities.h"

namespace rig {

// Does not change. May be used by any thread; has to exist as long as the sessions that use it.
class TlsContext {
 public:
  // Reads the files. Throws ConfigError if one cannot be read or used.
  explicit TlsContext(const WebConfig::Tls& tls);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  // Prepares a session of the server before its handshake, which fails if a client certificate is
  // required and missing or not accepted.
  void set_up(gnutls_session_t session) const;

  // Prepares a session of a client that connects to a server with the same settings, with the
  // server's certificate as its own.
  void set_up_client(gnutls_session_t session) const;

  // A client that has shown the server's own certificate, which would not be accepted otherwise. It
  // has the server's key, as the exporter's own health check does.
  bool is_self(gnutls_session_t session) const;

 private:
  struct Verification;

  static int on_certificate(gnutls_session_t session);
  void load_certificate(const WebConfig::Tls& tls);
  void load_client_ca(const PemSource& source);
  Verification verify(gnutls_session_t session) const;
  bool is_trusted(const std::vector<gnutls_x509_crt_t>& chain) const;
  bool is_own(const gnutls_datum_t& certificate) const;

  const WebConfig::ClientAuth client_auth_;
  const std::vector<std::string> client_allowed_sans_;
  gnutls_certificate_credentials_t credentials_ = nullptr;
  gnutls_x509_trust_list_t client_ca_ = nullptr;
  std::string own_certificate_;  // DER
  TlsPriorities priorities_;
};

}  // namespace rig
