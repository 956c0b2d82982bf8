#include "web/security/gnutls_context.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <string_view>
#include <utility>

#include "rig/config/config_error.h"
#include "web/security/gnutls_session.h"
#include "web/security/tls_exchange.h"

namespace rig {
namespace {

using ClientAuth = WebConfig::ClientAuth;

// GnuTLS does not change what it reads.
gnutls_datum_t datum(const std::string& text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

std::string_view bytes_of(const gnutls_datum_t& data) {
  return {reinterpret_cast<const char*>(data.data), data.size};
}

std::string where(const PemSource& source, std::string_view name) {
  return source.file.empty() ? fmt::format("tls_server_config: {}", name)
                             : fmt::format("{}_file: {}", name, source.file.string());
}

using Certificate =
    std::unique_ptr<std::remove_pointer_t<gnutls_x509_crt_t>, decltype(&gnutls_x509_crt_deinit)>;

// Null if it is malformed.
Certificate import_certificate(const gnutls_datum_t& der) {
  gnutls_x509_crt_t certificate = nullptr;
  gnutls_x509_crt_init(&certificate);
  Certificate owned(certificate, gnutls_x509_crt_deinit);
  if (gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) < 0) owned.reset();
  return owned;
}

std::string alternative_address(std::string_view address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.size() == 4 ? AF_INET : AF_INET6;
  if (address.size() != 4 && address.size() != 16) return "";
  inet_ntop(family, address.data(), text.data(), text.size());
  return text.data();
}

std::vector<std::string> alternative_names(gnutls_x509_crt_t certificate) {
  std::vector<std::string> names;
  for (unsigned i = 0;; ++i) {
    std::array<char, 4096> name{};
    std::size_t size = name.size();
    const int type =
        gnutls_x509_crt_get_subject_alt_name(certificate, i, name.data(), &size, nullptr);
    if (type == GNUTLS_E_SHORT_MEMORY_BUFFER) continue;  // longer than any name in a configuration
    if (type < 0) return names;  // no more of them, or a malformed extension
    const std::string_view text(name.data(), std::min(size, name.size()));
    if (type == GNUTLS_SAN_IPADDRESS) {
      names.push_back(alternative_address(text));
    } else if (type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_RFC822NAME ||
               type == GNUTLS_SAN_URI) {
      names.emplace_back(text);
    }
  }
}

void warn_of_validity(gnutls_x509_crt_t certificate, const std::string& place,
                      const CryptoLog& log) {
  const auto now = std::time(nullptr);
  if (gnutls_x509_crt_get_expiration_time(certificate) < now)
    log.warn(fmt::format("{}: the certificate has expired: clients will not accept it", place));
  if (gnutls_x509_crt_get_activation_time(certificate) > now)
    log.warn(fmt::format("{}: the certificate is not valid yet: check the clock", place));
}

std::pair<const gnutls_datum_t*, unsigned> peer_certificates(gnutls_session_t session) {
  unsigned count = 0;
  const auto* const certificates = gnutls_certificate_get_peers(session, &count);
  return {certificates, certificates == nullptr ? 0 : count};
}

bool verifies(ClientAuth auth) {
  return auth == ClientAuth::verify_if_given || auth == ClientAuth::require_and_verify;
}

bool requires_certificate(ClientAuth auth) {
  return auth == ClientAuth::require_any || auth == ClientAuth::require_and_verify;
}

}  // namespace

// Whether a client is accepted, and the alert that it gets if it is not.
struct GnutlsContext::Verification {
  bool accepted = true;
  bool as_self = false;
  gnutls_alert_description_t alert = GNUTLS_A_CLOSE_NOTIFY;
  const char* reason = "";
};

GnutlsContext::GnutlsContext(const WebConfig::Tls& tls, const CryptoLog& log)
    : log_(log), client_auth_(tls.client_auth), client_allowed_sans_(tls.client_allowed_sans) {
  gnutls_certificate_allocate_credentials(&credentials_);
  gnutls_x509_trust_list_init(&client_ca_, 0);
  try {
    load_certificate(tls);
    if (!tls.client_ca.empty()) load_client_ca(tls.client_ca);
    const auto certificate = import_certificate(datum(own_certificate_));
    if (!certificate) throw ConfigError(where(tls.certificate, "cert") + ": malformed");
    warn_of_validity(certificate.get(), where(tls.certificate, "cert"), log_);
    const int key = gnutls_x509_crt_get_pk_algorithm(certificate.get(), nullptr);
    priorities_ = make_tls_priorities(tls, static_cast<gnutls_pk_algorithm_t>(key));
  } catch (...) {
    gnutls_certificate_free_credentials(credentials_);
    gnutls_x509_trust_list_deinit(client_ca_, 1);
    throw;
  }
}

GnutlsContext::~GnutlsContext() {
  gnutls_certificate_free_credentials(credentials_);
  gnutls_x509_trust_list_deinit(client_ca_, 1);
}

void GnutlsContext::load_certificate(const WebConfig::Tls& tls) {
  const auto certificate_data = datum(tls.certificate.text);
  const auto key_data = datum(tls.key.text);
  const int result = gnutls_certificate_set_x509_key_mem2(
      credentials_, &certificate_data, &key_data, GNUTLS_X509_FMT_PEM, nullptr, 0);
  if (result < 0)
    throw ConfigError(fmt::format(
        "{}, {}: {} write a certificate and its key, which must not be "
        "encrypted, as PEM",
        where(tls.certificate, "cert"), where(tls.key, "key"), gnutls_strerror(result)));
  gnutls_datum_t der{};
  if (gnutls_certificate_get_crt_raw(credentials_, 0, 0, &der) == 0)
    own_certificate_ = bytes_of(der);
}

void GnutlsContext::load_client_ca(const PemSource& source) {
  const auto data = datum(source.text);
  const int result =
      gnutls_x509_trust_list_add_trust_mem(client_ca_, &data, nullptr, GNUTLS_X509_FMT_PEM, 0, 0);
  if (result <= 0)
    throw ConfigError(fmt::format("{}: contains no certificate: write the path of a PEM file",
                                  where(source, "client_ca")));
}

std::unique_ptr<TlsSession> GnutlsContext::serve(int fd) const {
  return std::make_unique<GnutlsSession>(*this, fd);
}

std::string GnutlsContext::exchange(int fd, std::string_view request) const {
  return exchange_over_tls(fd, request, *this);
}

void GnutlsContext::set_up(gnutls_session_t session) const {
  gnutls_priority_set(session, priorities_.get());
  gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_);
  if (client_auth_ == ClientAuth::none) return;
  // Whether one is required is decided in on_certificate(), which can send an alert that says so.
  gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
  gnutls_session_set_ptr(session, const_cast<GnutlsContext*>(this));
  gnutls_session_set_verify_function(session, &on_certificate);
}

void GnutlsContext::set_up_client(gnutls_session_t session) const {
  gnutls_priority_set(session, priorities_.get());
  gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_);
}

int GnutlsContext::on_certificate(gnutls_session_t session) {
  const auto& context = *static_cast<const GnutlsContext*>(gnutls_session_get_ptr(session));
  const auto verification = context.verify(session);
  if (verification.accepted) return 0;
  context.log_.debug(fmt::format("http: TLS: {}", verification.reason));
  gnutls_alert_send(session, GNUTLS_AL_FATAL, verification.alert);
  return GNUTLS_E_CERTIFICATE_ERROR;
}

GnutlsContext::Verification GnutlsContext::verify(gnutls_session_t session) const {
  const auto [certificates, count] = peer_certificates(session);
  if (count == 0) {
    const bool tls13 = gnutls_protocol_get_version(session) == GNUTLS_TLS1_3;
    return {!requires_certificate(client_auth_), false,
            tls13 ? GNUTLS_A_CERTIFICATE_REQUIRED : GNUTLS_A_HANDSHAKE_FAILURE,
            "a client sent no certificate"};
  }
  const bool own = is_own(certificates[0]);
  std::vector<Certificate> owned;
  std::vector<gnutls_x509_crt_t> chain;
  for (unsigned i = 0; i < count; ++i) {
    owned.push_back(import_certificate(certificates[i]));
    if (!owned.back())
      return {false, false, GNUTLS_A_BAD_CERTIFICATE, "a client's certificate is malformed"};
    chain.push_back(owned.back().get());
  }
  if (verifies(client_auth_) && !is_trusted(chain))
    return {own, own, GNUTLS_A_UNKNOWN_CA, "a client's certificate cannot be verified"};
  const auto is_allowed = [this](const std::string& name) {
    return std::ranges::find(client_allowed_sans_, name) != client_allowed_sans_.end();
  };
  if (!client_allowed_sans_.empty() &&
      std::ranges::none_of(alternative_names(chain.front()), is_allowed))
    return {own, own, GNUTLS_A_BAD_CERTIFICATE,
            "none of the names in a client's certificate is in client_allowed_sans"};
  return {};
}

bool GnutlsContext::is_trusted(const std::vector<gnutls_x509_crt_t>& chain) const {
  std::string purpose = GNUTLS_KP_TLS_WWW_CLIENT;
  gnutls_typed_vdata_st data{GNUTLS_DT_KEY_PURPOSE_OID,
                             reinterpret_cast<unsigned char*>(purpose.data()), 0};
  auto certificates = chain;
  unsigned status = 0;
  const int result = gnutls_x509_trust_list_verify_crt2(client_ca_, certificates.data(),
                                                        static_cast<unsigned>(certificates.size()),
                                                        &data, 1, 0, &status, nullptr);
  return result == 0 && status == 0;
}

bool GnutlsContext::is_own(const gnutls_datum_t& certificate) const {
  return bytes_of(certificate) == own_certificate_;
}

bool GnutlsContext::is_self(gnutls_session_t session) const {
  if (client_auth_ == ClientAuth::none) return false;
  const auto [certificates, count] = peer_certificates(session);
  return count > 0 && is_own(certificates[0]) && verify(session).as_self;
}

}  // namespace rig
