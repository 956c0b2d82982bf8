// The file of --web.config.file: TLS, users, headers and a rate limit, in the format that all
// exporters of the Prometheus project share (github.com/prometheus/exporter-toolkit,
// docs/web-configuration.md). docs/web_config.md says what this exporter does differently.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rig {

// Text that is in the file itself, or in a file that it names.
struct PemSource {
  std::string text;
  std::filesystem::path file;  // empty: `text`

  bool empty() const { return text.empty() && file.empty(); }
};

struct WebConfig {
  enum class TlsVersion : std::uint8_t { tls10, tls11, tls12, tls13 };

  enum class ClientAuth : std::uint8_t {
    none,
    request,             // a certificate is asked for; nothing depends on it
    require_any,         // without verification
    verify_if_given,     //
    require_and_verify,  //
  };

  struct Tls {
    PemSource certificate;  // with intermediate certificates after it
    PemSource key;
    PemSource client_ca;  // empty: no client is verified
    ClientAuth client_auth = ClientAuth::none;
    // One of a client certificate's subject alternative names has to be among these: DNS names,
    // addresses, e-mail addresses, URIs. Empty: any.
    std::vector<std::string> client_allowed_sans;
    TlsVersion min_version = TlsVersion::tls12;
    TlsVersion max_version = TlsVersion::tls13;
    std::vector<std::string> cipher_suites;  // IANA names; empty: the default ones
    bool prefer_server_cipher_suites = true;
    std::vector<std::string> curve_preferences;  // "X25519", "CurveP256"; empty: the default ones
  };

  // A token bucket: one request per interval, and `burst` at once.
  struct RateLimit {
    std::chrono::nanoseconds interval;
    unsigned burst;
  };

  std::optional<Tls> tls;
  std::map<std::string, std::string, std::less<>> users;  // name -> bcrypt hash
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<RateLimit> rate_limit;
};

// Reads the file; relative paths in it are relative to its directory. The files that it names are
// not read. Throws ConfigErrors: "FILE:LINE:COLUMN: ...".
WebConfig read_web_config(const std::filesystem::path& file);

// The same for its text.
WebConfig parse_web_config(const std::string& text, const std::filesystem::path& file);

}  // namespace rig
