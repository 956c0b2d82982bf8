#include "web/security/credentials.h"

#include <strings.h>

#include "web/security/crypto_library_loader.h"

namespace rig {

std::optional<Credentials> parse_basic_credentials(std::string_view header) {
  constexpr std::string_view kScheme = "Basic ";
  if (header.size() < kScheme.size() ||
      strncasecmp(header.data(), kScheme.data(), kScheme.size()) != 0)
    return std::nullopt;
  const auto start = header.find_first_not_of(' ', kScheme.size());
  if (start == header.npos) return std::nullopt;
  auto encoded = header.substr(start);
  encoded = encoded.substr(0, encoded.find_last_not_of(" \t") + 1);
  const auto decoded = crypto_library().decode_base64(encoded);
  if (!decoded) return std::nullopt;
  const auto colon = decoded->find(':');
  if (colon == decoded->npos) return std::nullopt;
  return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

}  // namespace rig
