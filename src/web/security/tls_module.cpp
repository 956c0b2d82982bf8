// rig_tls.so: what needs GnuTLS and libcrypt.
#include <crypt.h>
#include <fmt/format.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <memory>
#include <stdexcept>

#include "rig/config/config_error.h"
#include "rig/metrics/build_info.h"
#include "web/security/crypto_library.h"
#include "web/security/gnutls_context.h"

namespace rig {
namespace {

class GnutlsLibrary : public CryptoLibrary {
 public:
  explicit GnutlsLibrary(const CryptoLog& log) : log_(log) {}

  TlsContextResult make_tls_context(const WebConfig::Tls& tls) const override {
    try {
      return {std::make_unique<const GnutlsContext>(tls, log_), {}};
    } catch (const ConfigError& error) {
      return {nullptr, error.what()};
    }
  }

  std::optional<std::string> decode_base64(std::string_view text) const override {
    const std::string encoded(text);
    const gnutls_datum_t input{reinterpret_cast<unsigned char*>(const_cast<char*>(encoded.data())),
                               static_cast<unsigned>(encoded.size())};
    gnutls_datum_t output{};
    if (gnutls_base64_decode2(&input, &output) < 0) return std::nullopt;
    const std::unique_ptr<unsigned char, void (*)(void*)> owned(output.data, gnutls_free);
    return std::string(reinterpret_cast<const char*>(output.data), output.size);
  }

  std::string keyed_hash(std::string_view key, std::string_view text) const override {
    std::string hash(32, '\0');
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.data(), key.size(), text.data(), text.size(),
                         hash.data()) < 0)
      throw std::runtime_error("GnuTLS has no SHA-256");
    return hash;
  }

  bool matches_bcrypt_hash(const std::string& password, const std::string& hash) const override {
    if (password.find('\0') != password.npos) return false;  // crypt(3) would not read further
    const auto data = std::make_unique<crypt_data>();        // 32 kB
    // Not crypt_r(): sanitizers intercept it, and look for it before this module is loaded.
    const char* const result =
        crypt_rn(password.c_str(), hash.c_str(), data.get(), static_cast<int>(sizeof *data));
    const std::string_view computed = result == nullptr ? "" : result;
    return computed.size() == hash.size() &&
           gnutls_memcmp(computed.data(), hash.data(), hash.size()) == 0;
  }

 private:
  const CryptoLog log_;
};

CryptoLibrary* make_library(const CryptoLog& log) { return new GnutlsLibrary(log); }

}  // namespace
}  // namespace rig

extern "C" {
extern const rig::CryptoModule rig_crypto_module __attribute__((visibility("default")));
const rig::CryptoModule rig_crypto_module{rig::kVersion.data(), rig::kRevision.data(),
                                          rig::kCompiler.data(), &rig::make_library};
}
