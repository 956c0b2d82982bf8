#include "web/security/bcrypt.h"

#include "web/security/crypto_library_loader.h"

namespace rig {
namespace {

// "$2b$10$": the variant and the cost.
constexpr std::size_t kBcryptPrefixSize = 7;

}  // namespace

bool matches_bcrypt_hash(const std::string& password, const std::string& hash) {
  return crypto_library().matches_bcrypt_hash(password, hash);
}

// A salt and a checksum of zeros: their last characters have unused bits, which are zero.
std::string unmatched_bcrypt_hash(const std::string& hash) {
  return hash.substr(0, kBcryptPrefixSize) + std::string(53, '.');
}

}  // namespace rig
