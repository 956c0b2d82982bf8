#include "web/security/tls_priorities.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "rig/config/config_error.h"

namespace rig {
namespace {

using TlsVersion = WebConfig::TlsVersion;

constexpr std::array<const char*, 4> kVersionPriorities{"VERS-TLS1.0", "VERS-TLS1.1", "VERS-TLS1.2",
                                                        "VERS-TLS1.3"};

// A cipher suite and what makes GnuTLS use it. `exchange` is empty for those of TLS 1.3.
struct Suite {
  std::string_view name;
  unsigned id;  // of IANA
  std::string_view exchange;
  std::string_view cipher;
  std::string_view mac;
};

// All that exporter-toolkit accepts. Those with RSA key exchange have no forward secrecy.
constexpr std::array<Suite, 17> kSuites{{
    {"TLS_AES_128_GCM_SHA256", 0x1301, "", "AES-128-GCM", "AEAD"},
    {"TLS_AES_256_GCM_SHA384", 0x1302, "", "AES-256-GCM", "AEAD"},
    {"TLS_CHACHA20_POLY1305_SHA256", 0x1303, "", "CHACHA20-POLY1305", "AEAD"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xc009, "ECDHE-ECDSA", "AES-128-CBC", "SHA1"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", 0xc00a, "ECDHE-ECDSA", "AES-256-CBC", "SHA1"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xc013, "ECDHE-RSA", "AES-128-CBC", "SHA1"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xc014, "ECDHE-RSA", "AES-256-CBC", "SHA1"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b, "ECDHE-ECDSA", "AES-128-GCM", "AEAD"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c, "ECDHE-ECDSA", "AES-256-GCM", "AEAD"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f, "ECDHE-RSA", "AES-128-GCM", "AEAD"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030, "ECDHE-RSA", "AES-256-GCM", "AEAD"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8, "ECDHE-RSA", "CHACHA20-POLY1305",
     "AEAD"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9, "ECDHE-ECDSA", "CHACHA20-POLY1305",
     "AEAD"},
    {"TLS_RSA_WITH_AES_128_CBC_SHA", 0x002f, "RSA", "AES-128-CBC", "SHA1"},
    {"TLS_RSA_WITH_AES_256_CBC_SHA", 0x0035, "RSA", "AES-256-CBC", "SHA1"},
    {"TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009c, "RSA", "AES-128-GCM", "AEAD"},
    {"TLS_RSA_WITH_AES_256_GCM_SHA384", 0x009d, "RSA", "AES-256-GCM", "AEAD"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kCurves{{
    {"CurveP256", "GROUP-SECP256R1"},
    {"CurveP384", "GROUP-SECP384R1"},
    {"CurveP521", "GROUP-SECP521R1"},
    {"X25519", "GROUP-X25519"},
}};

// Without a list: authenticated ciphers with forward secrecy; those with CBC for versions that have
// no others.
std::string default_suites(TlsVersion min) {
  std::string_view cbc = min < TlsVersion::tls12 ? ":+AES-128-CBC:+AES-256-CBC:+SHA1" : "";
  return fmt::format(
      ":-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"
      ":-MAC-ALL:+AEAD{}",
      cbc);
}

bool fits_key(const Suite& suite, gnutls_pk_algorithm_t key) {
  if (suite.exchange.empty()) return true;
  const bool rsa = key == GNUTLS_PK_RSA || key == GNUTLS_PK_RSA_PSS;
  return rsa == !suite.exchange.ends_with("ECDSA");
}

std::vector<Suite> listed_suites(const std::vector<std::string>& names) {
  std::vector<Suite> suites;
  for (const auto& name : names) {
    const auto* const suite = std::ranges::find(kSuites, name, &Suite::name);
    if (suite == kSuites.end()) {
      std::vector<std::string_view> known;
      known.reserve(kSuites.size());
      for (const auto& each : kSuites) known.push_back(each.name);
      throw ConfigError(fmt::format("cipher_suites: unknown suite \"{}\": write some of {}", name,
                                    fmt::join(known, ", ")));
    }
    suites.push_back(*suite);
  }
  return suites;
}

std::string suite_priorities(const std::vector<Suite>& suites) {
  std::string priorities = ":-KX-ALL:-CIPHER-ALL:-MAC-ALL";
  for (const auto& suite : suites) {
    if (!suite.exchange.empty()) priorities += fmt::format(":+{}", suite.exchange);
    priorities += fmt::format(":+{}:+{}", suite.cipher, suite.mac);
  }
  return priorities;
}

std::string curve_priorities(const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string priorities = ":-GROUP-ALL";
  for (const auto& name : names) {
    const auto* const curve =
        std::ranges::find(kCurves, name, &std::pair<std::string_view, std::string_view>::first);
    if (curve == kCurves.end())
      throw ConfigError(
          fmt::format("curve_preferences: unknown curve \"{}\": write CurveP256, CurveP384, "
                      "CurveP521 or X25519",
                      name));
    priorities += fmt::format(":+{}", curve->second);
  }
  return priorities;
}

TlsPriorities init(const std::string& text) {
  gnutls_priority_t priorities = nullptr;
  const char* where = nullptr;
  if (const int error = gnutls_priority_init(&priorities, text.c_str(), &where); error < 0)
    throw ConfigError(fmt::format("tls_server_config: GnuTLS does not support \"{}\": {}",
                                  where == nullptr ? text : where, gnutls_strerror(error)));
  return {priorities, gnutls_priority_deinit};
}

// Those before TLS 1.3 that GnuTLS may negotiate with a certificate of this key.
std::vector<Suite> usable_suites(const TlsPriorities& priorities, gnutls_pk_algorithm_t key) {
  std::vector<Suite> usable;
  for (unsigned i = 0;; ++i) {
    unsigned index = 0;
    const int result = gnutls_priority_get_cipher_suite_index(priorities.get(), i, &index);
    if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return usable;
    std::array<unsigned char, 2> id{};
    if (result < 0 ||
        gnutls_cipher_suite_info(index, id.data(), nullptr, nullptr, nullptr, nullptr) == nullptr)
      continue;
    const auto* const suite = std::ranges::find(kSuites, id[0] * 256U + id[1], &Suite::id);
    if (suite != kSuites.end() && !suite->exchange.empty() && fits_key(*suite, key))
      usable.push_back(*suite);
  }
}

// Most files list no suites of TLS 1.3: which are used follows from the ciphers of the others.
void check_listed(const std::vector<Suite>& listed, const WebConfig::Tls& tls) {
  const auto is_of_tls13 = [](const Suite& suite) { return suite.exchange.empty(); };
  const auto fits_tls13 = [](const Suite& suite) { return suite.mac == "AEAD"; };
  if (tls.min_version < TlsVersion::tls13 && std::ranges::all_of(listed, is_of_tls13))
    throw ConfigError(
        "cipher_suites: none can be used with the key of the certificate: add one, or write "
        "min_version: TLS13");
  if (tls.max_version == TlsVersion::tls13 && std::ranges::none_of(listed, fits_tls13))
    throw ConfigError(
        "cipher_suites: none has a cipher of TLS 1.3: add one with GCM or CHACHA20, or write "
        "max_version: TLS12");
}

void check_usable(const std::vector<Suite>& listed, const std::vector<Suite>& usable) {
  for (const auto& suite : usable) {
    if (std::ranges::find(listed, suite.id, &Suite::id) == listed.end())
      throw ConfigError(
          fmt::format("cipher_suites: GnuTLS cannot use these without {} as well: add it, or "
                      "remove one that has the same cipher or key exchange",
                      suite.name));
  }
}

}  // namespace

TlsPriorities make_tls_priorities(const WebConfig::Tls& tls, gnutls_pk_algorithm_t key) {
  std::string text = "NORMAL:-VERS-ALL";
  for (std::size_t i = kVersionPriorities.size(); i-- > 0;) {
    const auto version = static_cast<TlsVersion>(i);
    if (version >= tls.min_version && version <= tls.max_version)
      text += fmt::format(":+{}", kVersionPriorities[i]);
  }
  auto listed = listed_suites(tls.cipher_suites);
  std::erase_if(listed, [&](const Suite& suite) { return !fits_key(suite, key); });
  if (!tls.cipher_suites.empty()) check_listed(listed, tls);
  text += tls.cipher_suites.empty() ? default_suites(tls.min_version) : suite_priorities(listed);
  text += curve_priorities(tls.curve_preferences);
  if (tls.prefer_server_cipher_suites) text += ":%SERVER_PRECEDENCE";
  auto priorities = init(text);
  if (!tls.cipher_suites.empty() && tls.min_version < TlsVersion::tls13)
    check_usable(listed, usable_suites(priorities, key));
  return priorities;
}

}  // namespace rig
