#include "web/security/bcrypt.h"

#include <crypt.h>
#include <gnutls/gnutls.h>

#include <memory>
#include <string_view>

namespace rig {
namespace {

// "$2b$10$": the variant and the cost.
constexpr std::size_t kBcryptPrefixSize = 7;

}  // namespace

bool matches_bcrypt_hash(const std::string& password, const std::string& hash) {
  if (password.find('\0') != password.npos) return false;  // crypt(3) would not read further
  const auto data = std::make_unique<crypt_data>();        // 32 kB
  const char* const result = crypt_r(password.c_str(), hash.c_str(), data.get());
  const std::string_view computed = result == nullptr ? "" : result;
  return computed.size() == hash.size() &&
         gnutls_memcmp(computed.data(), hash.data(), hash.size()) == 0;
}

// A salt and a checksum of zeros.
// last character has two unused bits.
std::string unmatched_bcrypt_hash(const std::string& hash) {
  return hash.substr(0, kBcryptPrefixSize) + std::string(53, '.');
}

}  // namespace rig
