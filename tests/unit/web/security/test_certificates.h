// Certificates for tests, made by GnuTLS.
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <ctime>
#include <string>

namespace rig {

struct TestCertificate {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

inline std::string pem_text(const gnutls_datum_t& data) {
  std::string text(reinterpret_cast<const char*>(data.data), data.size);
  gnutls_free(data.data);
  return text;
}

// Signed by itself, valid for an hour, with the name localhost.
inline TestCertificate make_test_certificate(gnutls_pk_algorithm_t algorithm = GNUTLS_PK_ECDSA) {
  gnutls_x509_privkey_t key = nullptr;
  gnutls_x509_privkey_init(&key);
  const unsigned bits =
      algorithm == GNUTLS_PK_ECDSA
          ? static_cast<unsigned>(GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1))
          : 2048;
  gnutls_x509_privkey_generate(key, algorithm, bits, 0);
  gnutls_x509_crt_t certificate = nullptr;
  gnutls_x509_crt_init(&certificate);
  gnutls_x509_crt_set_version(certificate, 3);
  const unsigned char serial = 1;
  gnutls_x509_crt_set_serial(certificate, &serial, 1);
  gnutls_x509_crt_set_activation_time(certificate, std::time(nullptr) - 60);
  gnutls_x509_crt_set_expiration_time(certificate, std::time(nullptr) + 3600);
  gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, "localhost", 9,
                                       GNUTLS_FSAN_SET);
  gnutls_x509_crt_set_key(certificate, key);
  gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
  gnutls_datum_t key_text{};
  gnutls_datum_t certificate_text{};
  gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &key_text);
  gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &certificate_text);
  gnutls_x509_crt_deinit(certificate);
  gnutls_x509_privkey_deinit(key);
  return {pem_text(certificate_text), pem_text(key_text)};
}

}  // namespace rig
