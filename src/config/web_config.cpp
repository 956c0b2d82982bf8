#include "rig/config/web_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "config/setting_values.h"
#include "config/yaml_document.h"
#include "config/yaml_fields.h"
#include "rig/config/config_error.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

using std::chrono::nanoseconds;
using TlsVersion = WebConfig::TlsVersion;
using ClientAuth = WebConfig::ClientAuth;

constexpr std::size_t kMaxWebConfigSize = 1U << 20U;

constexpr std::array<Choice<TlsVersion>, 4> kTlsVersions{{{"TLS10", TlsVersion::tls10},
                                                          {"TLS11", TlsVersion::tls11},
                                                          {"TLS12", TlsVersion::tls12},
                                                          {"TLS13", TlsVersion::tls13}}};
constexpr std::array<Choice<ClientAuth>, 6> kClientAuthTypes{{
    {"NoClientCert", ClientAuth::none},
    {"RequestClientCert", ClientAuth::request},
    {"RequireAnyClientCert", ClientAuth::require_any},
    {"RequireClientCert", ClientAuth::require_any},  // an older name
    {"VerifyClientCertIfGiven", ClientAuth::verify_if_given},
    {"RequireAndVerifyClientCert", ClientAuth::require_and_verify},
}};

// A header that can be set, and its valid values (empty: any).
struct HeaderChoice {
  std::string_view name;
  std::vector<std::string> values;
};

const std::vector<HeaderChoice>& header_choices() {
  static const std::vector<HeaderChoice> choices{
      {"Content-Security-Policy", {}},
      {"Strict-Transport-Security", {}},
      {"X-Content-Type-Options", {"nosniff"}},
      {"X-Frame-Options", {"deny", "sameorigin"}},
      {"X-XSS-Protection", {}},
  };
  return choices;
}

ClientAuth to_client_auth(const std::string& text) {
  return text.empty() ? ClientAuth::none
                      : to_choice(text, std::span<const Choice<ClientAuth>>(kClientAuthTypes));
}

// As Go's time.ParseDuration: "1s", "1m30s", "500ms"; a number without a unit is in nanoseconds.
nanoseconds to_go_duration(const std::string& text) {
  static constexpr std::array<std::pair<std::string_view, double>, 8> kUnits{{{"ns", 1},
                                                                              {"us", 1e3},
                                                                              {"µs", 1e3},
                                                                              {"ms", 1e6},
                                                                              {"s", 1e9},
                                                                              {"m", 60e9},
                                                                              {"h", 3600e9},
                                                                              {"", 1}}};
  const auto malformed = [&] {
    return ConfigError(
        fmt::format("\"{}\" is not a duration: write for example 1s or 500ms", text));
  };
  double total = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto digits = text.find_first_not_of("0123456789.", at);
    const auto unit_start = std::min(digits, text.size());
    const auto unit_end = std::min(text.find_first_of("0123456789.", unit_start), text.size());
    const auto unit = text.substr(unit_start, unit_end - unit_start);
    const auto* const known =
        std::ranges::find(kUnits, unit, &std::pair<std::string_view, double>::first);
    const std::string number = text.substr(at, unit_start - at);
    const bool whole = unit_start == text.size() && at == 0;  // only there the unit may be missing
    if (known == kUnits.end() || number.empty() || std::ranges::count(number, '.') > 1 ||
        number == "." || (unit.empty() && !whole))
      throw malformed();
    total += std::stod(number) * known->second;
    at = unit_end;
  }
  if (text.empty() || total > 1e18) throw malformed();
  return nanoseconds(std::llround(total));
}

// Whether libxcrypt and Go's bcrypt both accept it: "$2b$10$" and 53 characters.
void check_bcrypt_hash(const std::string& hash) {
  constexpr std::string_view kAlphabet =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const bool prefix =
      hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$");
  const std::string cost = prefix && hash.size() > 6 && hash[6] == '$' ? hash.substr(4, 2) : "";
  if (hash.size() != 60 || cost < "04" || cost > "31" ||
      hash.find_first_not_of(kAlphabet, 7) != hash.npos)
    throw ConfigError(
        R"(not a bcrypt hash: write the output of `htpasswd -nBC 10 "" | tr -d ':\n'`)");
}

class WebConfigReader {
 public:
  WebConfigReader(std::filesystem::path directory, YamlErrors& errors)
      : directory_(std::move(directory)), errors_(errors) {}

  WebConfig read(const YAML::Node& root) {
    read_yaml_fields(root, "the file",
                     {{"tls_server_config", [&](const auto& node) { read_tls(node); }},
                      {"http_server_config", [&](const auto& node) { read_http(node); }},
                      {"basic_auth_users", [&](const auto& node) { read_users(node); }},
                      {"rate_limit", [&](const auto& node) { read_rate_limit(node); }}},
                     errors_);
    return std::move(config_);
  }

 private:
  void read_tls(const YAML::Node& node) {
    WebConfig::Tls tls;
    bool given = false;
    const auto pem = [&](PemSource& source, bool file) {
      return [this, &source, &given, file](const YAML::Node& value) {
        const auto text = yaml_text(value);
        given = true;
        if (text.empty()) return;
        if (file) {
          source.file = directory_ / text;
        } else {
          source.text = text;
        }
      };
    };
    const auto field = [&given](auto& target, auto convert) {
      return [&target, &given, convert](const YAML::Node& value) {
        given = true;
        target = convert(value);
      };
    };
    const auto version = [](const YAML::Node& value) {
      return to_choice(yaml_text(value), std::span<const Choice<TlsVersion>>(kTlsVersions));
    };
    read_yaml_fields(
        node, "tls_server_config",
        {{"cert", pem(tls.certificate, false)},
         {"key", pem(tls.key, false)},
         {"client_ca", pem(tls.client_ca, false)},
         {"cert_file", pem(tls.certificate, true)},
         {"key_file", pem(tls.key, true)},
         {"client_ca_file", pem(tls.client_ca, true)},
         {"client_auth_type",
          field(tls.client_auth,
                [](const auto& value) { return to_client_auth(yaml_text(value)); })},
         {"client_allowed_sans",
          [&](const YAML::Node& value) { tls.client_allowed_sans = to_sans(value); }},
         {"min_version", field(tls.min_version, version)},
         {"max_version", field(tls.max_version, version)},
         {"cipher_suites", field(tls.cipher_suites, yaml_texts)},
         {"prefer_server_cipher_suites", field(tls.prefer_server_cipher_suites, yaml_bool)},
         {"curve_preferences", field(tls.curve_preferences, yaml_texts)}},
        errors_);
    if (!given && tls.client_allowed_sans.empty()) return;
    check_tls(node, tls);
    config_.tls = std::move(tls);
  }

  static std::vector<std::string> to_sans(const YAML::Node& value) {
    auto names = yaml_texts(value);
    if (names.empty()) throw ConfigError("no client could connect: write a name, or remove it");
    return names;
  }

  // What the fields require of each other.
  void check_tls(const YAML::Node& node, const WebConfig::Tls& tls) {
    const auto check_source = [&](const PemSource& source, std::string_view name, bool required) {
      if (required && source.empty())
        errors_.add(node, fmt::format("tls_server_config: write {}_file or {}", name, name));
      if (!source.text.empty() && !source.file.empty())
        errors_.add(node, fmt::format("tls_server_config: {} and {}_file exclude each other: write "
                                      "one of them",
                                      name, name));
    };
    check_source(tls.certificate, "cert", true);
    check_source(tls.key, "key", true);
    check_source(tls.client_ca, "client_ca", false);
    if (tls.min_version > tls.max_version)
      errors_.add(node, "tls_server_config: min_version is later than max_version");
    const bool verifies = tls.client_auth == ClientAuth::verify_if_given ||
                          tls.client_auth == ClientAuth::require_and_verify;
    if (verifies && tls.client_ca.empty())
      errors_.add(node, "client_auth_type: certificates cannot be verified without client_ca_file");
    if (!tls.client_ca.empty() && tls.client_auth == ClientAuth::none)
      errors_.add(node,
                  "client_ca_file has no effect without client_auth_type: write "
                  "client_auth_type: RequireAndVerifyClientCert");
    const bool requires_certificate = tls.client_auth == ClientAuth::require_any ||
                                      tls.client_auth == ClientAuth::require_and_verify;
    if (!tls.client_allowed_sans.empty() && !requires_certificate)
      errors_.add(node,
                  "client_allowed_sans needs a client certificate: write client_auth_type: "
                  "RequireAndVerifyClientCert");
  }

  void read_http(const YAML::Node& node) {
    // Clients of a server without HTTP/2 use HTTP/1.1, so both values are honoured.
    read_yaml_fields(node, "http_server_config",
                     {{"http2", [](const auto& value) { yaml_bool(value); }},
                      {"headers", [&](const auto& value) { read_headers(value); }}},
                     errors_);
  }

  void read_headers(const YAML::Node& node) {
    std::vector<YamlField> fields;
    for (const auto& choice : header_choices()) {
      fields.push_back({choice.name, [&](const YAML::Node& value) {
                          const auto text = yaml_text(value);
                          check_header(choice, text);
                          config_.headers.emplace_back(choice.name, text);
                        }});
    }
    read_yaml_fields(node, "headers", fields, errors_);
  }

  static void check_header(const HeaderChoice& choice, const std::string& value) {
    if (!choice.values.empty() && std::ranges::find(choice.values, value) == choice.values.end())
      throw ConfigError(
          fmt::format("\"{}\" is not valid: write {}", value, fmt::join(choice.values, " or ")));
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(value, is_control))
      throw ConfigError("contains a line break or another control character");
  }

  void read_users(const YAML::Node& node) {
    if (!node.IsMap()) throw ConfigError("not a map: write NAME: HASH below it, indented");
    for (const auto& entry : node) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      try {
        if (name.empty() || name.find(':') != name.npos)
          throw ConfigError("a user name must not be empty or contain a colon");
        const auto hash = yaml_text(entry.second);
        check_bcrypt_hash(hash);
        if (!config_.users.emplace(name, hash).second) throw ConfigError("duplicate user");
      } catch (const ConfigError& error) {
        errors_.add(entry.first, fmt::format("basic_auth_users: {}: {}", name, error.what()));
      }
    }
  }

  void read_rate_limit(const YAML::Node& node) {
    WebConfig::RateLimit limit{nanoseconds(0), 0};
    read_yaml_fields(
        node, "rate_limit",
        {{"interval",
          [&](const auto& value) { limit.interval = to_go_duration(yaml_text(value)); }},
         {"burst",
          [&](const auto& value) { limit.burst = to_count(yaml_text(value), 0, 1'000'000); }}},
        errors_);
    if (limit.interval.count() == 0) return;
    if (limit.burst == 0) throw ConfigError("burst is 0: no request would be answered");
    config_.rate_limit = limit;
  }

  const std::filesystem::path directory_;
  YamlErrors& errors_;
  WebConfig config_;
};

}  // namespace

WebConfig parse_web_config(const std::string& text, const std::filesystem::path& file) {
  YamlErrors errors(file.string());
  const auto root = load_yaml_document(text, errors);
  auto config = WebConfigReader(file.parent_path(), errors).read(root);
  if (auto found = std::move(errors).take(); !found.empty()) throw ConfigErrors(std::move(found));
  return config;
}

WebConfig read_web_config(const std::filesystem::path& file) {
  const auto text = read_text(file, kMaxWebConfigSize + 1);
  if (text && text->size() <= kMaxWebConfigSize) return parse_web_config(*text, file);
  std::string reason = file.string() + ": no such file";
  if (text) reason = fmt::format("{}: larger than {} bytes", file.string(), kMaxWebConfigSize);
  if (text.problem() != nullptr) reason = to_string(*text.problem());
  throw ConfigErrors({fmt::format("--web.config.file: {}: write the path of a YAML file", reason)});
}

}  // namespace rig
