#include "rig/config/web_config.h"

#include <array>

#include "rig/config/config_error.h"
#include "support/catch.h"

namespace rig {
namespace {

constexpr const char* kHash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

std::vector<std::string> web_config_errors(const std::string& text) {
  try {
    parse_web_config(text, "/etc/rig/web.yml");
    return {};
  } catch (const ConfigErrors& error) {
    return error.errors();
  }
}

std::string tls(const std::string& fields) {
  return "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n" + fields;
}

}  // namespace

TEST_CASE("a file written for other exporters is read") {
  const auto config = parse_web_config(
      "# comment\n"
      "tls_server_config:\n"
      "  cert_file: server.crt\n"
      "  key_file: /etc/ssl/server.key\n"
      "  client_auth_type: RequireAndVerifyClientCert\n"
      "  client_ca_file: ca.crt\n"
      "  client_allowed_sans: [prometheus.example, 192.0.2.1]\n"
      "  min_version: TLS12\n"
      "  max_version: TLS13\n"
      "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n"
      "  prefer_server_cipher_suites: no\n"
      "  curve_preferences: [X25519]\n"
      "http_server_config:\n"
      "  http2: true\n"
      "  headers:\n"
      "    Strict-Transport-Security: max-age=31536000\n"
      "    X-Frame-Options: sameorigin\n"
      "basic_auth_users:\n"
      "  prometheus: " +
          std::string(kHash) +
          "\n"
          "rate_limit:\n"
          "  interval: 1m0.5s\n"
          "  burst: 20\n",
      "/etc/rig/web.yml");
  REQUIRE(config.tls);
  CHECK(config.tls->certificate.file == "/etc/rig/server.crt");
  CHECK(config.tls->key.file == "/etc/ssl/server.key");
  CHECK(config.tls->client_ca.file == "/etc/rig/ca.crt");
  CHECK(config.tls->client_auth == WebConfig::ClientAuth::require_and_verify);
  CHECK(config.tls->client_allowed_sans ==
        std::vector<std::string>{"prometheus.example", "192.0.2.1"});
  CHECK_FALSE(config.tls->prefer_server_cipher_suites);
  CHECK(config.headers.size() == 2);
  CHECK(config.users.at("prometheus") == kHash);
  REQUIRE(config.rate_limit);
  CHECK(config.rate_limit->interval == std::chrono::milliseconds(60'500));
  CHECK(config.rate_limit->burst == 20);
}

TEST_CASE("a web configuration without TLS is one without a certificate") {
  for (const char* const text :
       {"", "# nothing\n", "tls_server_config:\n", "tls_server_config: {}\n",
        "http_server_config: {http2: false}\nbasic_auth_users:\n", "rate_limit: {interval: 0}"}) {
    CAPTURE(text);
    const auto config = parse_web_config(text, "web.yml");
    CHECK_FALSE(config.tls);
    CHECK(config.users.empty());
    CHECK_FALSE(config.rate_limit);
  }
}

TEST_CASE("a certificate and its key may be in the web configuration itself") {
  const auto config =
      parse_web_config("tls_server_config: {cert: CERTIFICATE, key: KEY}", "web.yml");
  REQUIRE(config.tls);
  CHECK(config.tls->certificate.text == "CERTIFICATE");
  CHECK(config.tls->certificate.file.empty());
  CHECK(config.tls->key.text == "KEY");
}

TEST_CASE("what a web configuration gets wrong is reported by name and location") {
  struct Row {
    std::string text;
    std::string error;
  };
  const std::string user = "basic_auth_users:\n  jo: ";
  const std::array rows = std::to_array<Row>({
      {"tls_config: {}", ":1:1: unknown field \"tls_config\" of the file; write one of "},
      {"- a\n", ":1:1: the file must be a map"},
      {"a: b: c", "invalid YAML"},
      {tls("  crl_file: x\n"), ":4:3: unknown field \"crl_file\" of tls_server_config"},
      {tls("  cert_file: b.crt\n"), ":4:3: duplicate field \"cert_file\""},
      {"tls_server_config: {cert_file: a}", "write key_file or key"},
      {"tls_server_config: {key_file: a}", "write cert_file or cert"},
      {"tls_server_config: {cert_file: '', key_file: a}", "write cert_file or cert"},
      {"tls_server_config: {key: a, min_version: TLS13}", "write cert_file or cert"},
      {tls("  cert: x\n"), "cert and cert_file exclude each other"},
      {tls("  min_version: TLS14\n"), ":4:16: min_version: unknown value \"TLS14\""},
      {tls("  min_version: TLS13\n  max_version: TLS12\n"), "later than max_version"},
      {tls("  client_auth_type: Maybe\n"), "client_auth_type: unknown value \"Maybe\""},
      {tls("  client_auth_type: RequireAndVerifyClientCert\n"), "without client_ca_file"},
      {tls("  client_auth_type: VerifyClientCertIfGiven\n"), "without client_ca_file"},
      {tls("  client_ca_file: ca\n"), "client_ca_file has no effect without client_auth_type"},
      {tls("  client_allowed_sans: [a]\n"), "client_allowed_sans needs a client certificate"},
      {tls("  client_auth_type: RequestClientCert\n  client_allowed_sans: [a]\n"),
       "client_allowed_sans needs a client certificate"},
      {tls("  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []\n"),
       "no client could connect"},
      {tls("  cipher_suites: fast\n"), "cipher_suites: not a list"},
      {tls("  prefer_server_cipher_suites: maybe\n"), "not a boolean: write true or false"},
      {"http_server_config: {http3: true}", "unknown field \"http3\" of http_server_config"},
      {"http_server_config: {headers: {Server: x}}", "unknown field \"Server\" of headers"},
      {"http_server_config: {headers: {X-Frame-Options: allow}}", "write deny or sameorigin"},
      {"http_server_config: {headers: {X-Content-Type-Options: ''}}", "write nosniff"},
      {"http_server_config: {headers: {X-XSS-Protection: \"a\\r\\nb\"}}", "a line break"},
      {user + "secret", ":2:3: basic_auth_users: jo: not a bcrypt hash: write the output of"},
      {user + "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7z", "not a bcrypt hash"},
      {user + "$2y$03$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG", "not a bcrypt hash"},
      {user + "$6$abc$defghijklm", "not a bcrypt hash"},
      {user + kHash + "\n  jo: " + kHash, ":3:3: basic_auth_users: jo: duplicate user"},
      {"basic_auth_users: {'a:b': " + std::string(kHash) + "}", "contain a colon"},
      {"basic_auth_users: [jo]", "not a map"},
      {"rate_limit: {interval: fast, burst: 1}", "\"fast\" is not a duration"},
      {"rate_limit: {interval: -1s, burst: 1}", "is not a duration"},
      {"rate_limit: {interval: 1s}", "burst is 0: no request would be answered"},
  });
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto errors = web_config_errors(row.text);
    REQUIRE(errors.size() == 1);
    CHECK(errors.front().starts_with("/etc/rig/web.yml:"));
    CHECK_THAT(errors.front(), ContainsSubstring(row.error));
  }
}

TEST_CASE("all errors of a web configuration are reported at once") {
  CHECK(web_config_errors("tls_server_config: {min_version: X, max_version: Y}\n"
                          "basic_auth_users: {jo: secret, ann: secret}\n")
            .size() == 6);
}

TEST_CASE("the hash of a password is never in an error message") {
  const auto errors = web_config_errors("basic_auth_users: {jo: my-secret-password}");
  REQUIRE(errors.size() == 1);
  CHECK_THAT(errors.front(), !ContainsSubstring("my-secret"));
}

TEST_CASE("intervals of a rate limit are durations as Go writes them") {
  const auto interval = [](const std::string& text) {
    return parse_web_config("rate_limit: {burst: 1, interval: " + text + "}", "w")
        .rate_limit.value_or(WebConfig::RateLimit{std::chrono::nanoseconds(0), 0})
        .interval;
  };
  CHECK(interval("500ms") == std::chrono::milliseconds(500));
  CHECK(interval("1h2m3s") == std::chrono::seconds(3723));
  CHECK(interval("1.5s") == std::chrono::milliseconds(1500));
  CHECK(interval("20us") == std::chrono::microseconds(20));
  CHECK(interval("1000000") == std::chrono::milliseconds(1));
  CHECK(interval("0s") == std::chrono::nanoseconds(0));
}

}  // namespace rig
