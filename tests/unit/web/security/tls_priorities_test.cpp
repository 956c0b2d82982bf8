#include "web/security/tls_priorities.h"

#include <array>

#include "rig/config/config_error.h"
#include "support/catch.h"

namespace rig {
namespace {

using Version = WebConfig::TlsVersion;

std::string priorities_error(const WebConfig::Tls& tls, gnutls_pk_algorithm_t key) {
  try {
    make_tls_priorities(tls, key);
    return "";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

WebConfig::Tls with_suites(std::vector<std::string> suites, Version max = Version::tls12) {
  WebConfig::Tls tls;
  tls.max_version = max;
  tls.cipher_suites = std::move(suites);
  return tls;
}

// Of suites before TLS 1.3.
std::size_t suite_count(const TlsPriorities& priorities) {
  std::size_t count = 0;
  for (unsigned i = 0;; ++i) {
    unsigned index = 0;
    const int result = gnutls_priority_get_cipher_suite_index(priorities.get(), i, &index);
    if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return count;
    gnutls_protocol_t version = GNUTLS_TLS1_3;
    if (result == 0) gnutls_cipher_suite_info(index, nullptr, nullptr, nullptr, nullptr, &version);
    if (version != GNUTLS_TLS1_3) ++count;
  }
}

}  // namespace

TEST_CASE("each combination of TLS versions is accepted") {
  for (int min = 0; min < 4; ++min) {
    for (int max = min; max < 4; ++max) {
      WebConfig::Tls tls;
      tls.min_version = static_cast<Version>(min);
      tls.max_version = static_cast<Version>(max);
      CAPTURE(min, max);
      CHECK(priorities_error(tls, GNUTLS_PK_ECDSA).empty());
      CHECK(priorities_error(tls, GNUTLS_PK_RSA).empty());
    }
  }
}

TEST_CASE("listed cipher suites are the only ones") {
  const auto one =
      make_tls_priorities(with_suites({"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}), GNUTLS_PK_RSA);
  CHECK(suite_count(one) == 1);
  const auto cbc = make_tls_priorities(
      with_suites({"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"}),
      GNUTLS_PK_RSA);
  CHECK(suite_count(cbc) == 2);
}

TEST_CASE("cipher suites for keys of another kind than the certificate's are ignored") {
  const auto priorities =
      make_tls_priorities(with_suites({"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                       "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}),
                          GNUTLS_PK_ECDSA);
  CHECK(suite_count(priorities) == 1);
}

TEST_CASE("all cipher suites of other exporters are accepted together") {
  const auto all = with_suites(
      {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
       "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
       "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
       "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
       "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
       "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
       "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
      Version::tls13);
  CHECK(priorities_error(all, GNUTLS_PK_ECDSA).empty());
  CHECK(priorities_error(all, GNUTLS_PK_RSA).empty());
}

TEST_CASE("what GnuTLS cannot honour is rejected by name") {
  struct Row {
    WebConfig::Tls tls;
    std::string error;
  };
  WebConfig::Tls curve;
  curve.curve_preferences = {"X25519", "CurveP224"};
  const std::array rows = std::to_array<Row>({
      {with_suites({"TLS_NULL"}), "cipher_suites: unknown suite \"TLS_NULL\""},
      {with_suites({"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384"}),
       "without TLS_"},
      {with_suites({"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}),
       "none can be used with the key of the certificate"},
      {with_suites({"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"}, Version::tls13),
       "none has a cipher of TLS 1.3"},
      {curve, "curve_preferences: unknown curve \"CurveP224\""},
  });
  for (const auto& row : rows)
    CHECK_THAT(priorities_error(row.tls, GNUTLS_PK_RSA), ContainsSubstring(row.error));
}

TEST_CASE("cipher suites of TLS 1.3 may be listed alone if no older version is enabled") {
  auto tls = with_suites({"TLS_AES_128_GCM_SHA256"}, Version::tls13);
  CHECK_THAT(priorities_error(tls, GNUTLS_PK_RSA), ContainsSubstring("write min_version: TLS13"));
  tls.min_version = Version::tls13;
  CHECK(priorities_error(tls, GNUTLS_PK_RSA).empty());
}

TEST_CASE("each curve is accepted alone") {
  for (const char* const name : {"CurveP256", "CurveP384", "CurveP521", "X25519"}) {
    WebConfig::Tls tls;
    tls.curve_preferences = {name};
    CHECK(priorities_error(tls, GNUTLS_PK_ECDSA).empty());
  }
}

}  // namespace rig
