#include "web/security/credentials.h"

#include <gnutls/gnutls.h>
#include <strings.h>

#include <memory>

namespace rig {

std::optional<Credentials> parse_basic_credentials(std::string_view header) {
  constexpr std::string_view kScheme = "Basic ";
  if (header.size() < kScheme.size() ||
      strncasecmp(header.data(), kScheme.data(), kScheme.size()) != 0)
    return std::nullopt;
  const auto start = header.find_first_not_of(' ', kScheme.size());
  if (start == header.npos) return std::nullopt;
  std::string encoded(header.substr(start));
  encoded.erase(encoded.find_last_not_of(" \t") + 1);
  const gnutls_datum_t input{reinterpret_cast<unsigned char*>(encoded.data()),
                             static_cast<unsigned>(encoded.size())};
  gnutls_datum_t output{};
  if (gnutls_base64_decode2(&input, &output) < 0) return std::nullopt;
  const std::unique_ptr<unsigned char, void (*)(void*)> owned(output.data, gnutls_free);
  const std::string_view decoded(reinterpret_cast<const char*>(output.data), output.size);
  const auto colon = decoded.find(':');
  if (colon == decoded.npos) return std::nullopt;
  return Credentials{std::string(decoded.substr(0, colon)), std::string(decoded.substr(colon + 1))};
}

}  // namespace rig
