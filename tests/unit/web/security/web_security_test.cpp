#include "rig/web/web_security.h"

#include <filesystem>
#include <fstream>
#include <future>

#include "rig/config/config_error.h"
#include "support/catch.h"
#include "support/temporary_directory.h"
#include "web/security/test_certificates.h"
#include "web/security/web_policy.h"

namespace rig {
namespace {

using namespace std::chrono_literals;

constexpr const char* kUser =
    "basic_auth_users: {jo: $2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n";
constexpr const char* kTls = "tls_server_config: {cert_file: a.crt, key_file: a.key}\n";

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

void write_certificate(const std::filesystem::path& directory, const TestCertificate& made) {
  write_text(directory / "a.crt", made.certificate);
  write_text(directory / "a.key", made.key);
}

std::string security_error(const std::filesystem::path& file) {
  try {
    const WebSecurity security(file);
    return "";
  } catch (const ConfigErrors& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a web configuration with TLS and users is in effect") {
  const TemporaryDirectory directory;
  write_certificate(directory.path(), make_test_certificate());
  write_text(directory.path() / "web.yml", std::string(kTls) + kUser);
  const WebSecurity security(directory.path() / "web.yml");
  CHECK(security.uses_tls());
  CHECK(security.has_users());
}

TEST_CASE("certificates and keys that cannot be used are reported with their files") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "web.yml";
  write_text(file, kTls);
  CHECK_THAT(security_error(file), ContainsSubstring("a.crt: no such file"));
  const auto made = make_test_certificate();
  write_text(directory.path() / "a.crt", made.certificate);
  CHECK_THAT(security_error(file), ContainsSubstring("a.key: no such file"));
  write_text(directory.path() / "a.key", make_test_certificate().key);
  CHECK_THAT(security_error(file), ContainsSubstring("do not match"));
  write_text(directory.path() / "a.key", "nonsense");
  CHECK_THAT(security_error(file), ContainsSubstring("write a certificate and its key"));
  write_text(directory.path() / "a.key", made.key);
  CHECK(security_error(file).empty());
  write_text(file,
             "tls_server_config: {cert_file: a.crt, key_file: a.key, client_ca_file: a.key, "
             "client_auth_type: RequireAndVerifyClientCert}");
  CHECK_THAT(security_error(file), ContainsSubstring("a.key: contains no certificate"));
}

TEST_CASE("a certificate with an RSA key can be used") {
  const TemporaryDirectory directory;
  write_certificate(directory.path(), make_test_certificate(GNUTLS_PK_RSA));
  write_text(directory.path() / "web.yml", kTls);
  CHECK(security_error(directory.path() / "web.yml").empty());
}

TEST_CASE("a web configuration is reloaded as a whole") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "web.yml";
  write_text(file, "");
  WebSecurity security(file);
  write_text(file, kUser);
  const auto commit = security.prepare_reload();
  CHECK_FALSE(security.has_users());
  CHECK_FALSE(security.authenticates_clients());
  commit();
  CHECK(security.has_users());
  CHECK(security.authenticates_clients());
}

TEST_CASE("an invalid web configuration leaves the previous one in effect") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "web.yml";
  write_text(file, kUser);
  WebSecurity security(file);
  write_text(file, "basic_auth_users: {jo: secret}");
  CHECK_THROWS_AS(security.prepare_reload(), ConfigErrors);
  std::filesystem::remove(file);
  CHECK_THROWS_AS(security.prepare_reload(), ConfigErrors);
  CHECK(security.has_users());
}

TEST_CASE("TLS cannot be turned on or off without a restart") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "web.yml";
  write_certificate(directory.path(), make_test_certificate());
  write_text(file, kTls);
  WebSecurity security(file);
  write_text(file, kUser);
  CHECK_THROWS_WITH(security.prepare_reload(), ContainsSubstring("TLS cannot be turned off"));
  CHECK(security.uses_tls());
}

TEST_CASE("files of a web configuration are read again after one has changed") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "web.yml";
  const auto before = make_test_certificate();
  const auto after = make_test_certificate();
  write_certificate(directory.path(), before);
  write_text(file, kTls);
  WebSecurity security(file);
  const auto old_policy = security.policy();
  std::promise<bool> failed;
  std::promise<bool> reloaded;
  security.watch([&](bool successful) { (successful ? reloaded : failed).set_value(successful); });
  // As a renewal does: the new certificate does not match the key until that has changed as well.
  write_text(directory.path() / "new", after.certificate);
  std::filesystem::rename(directory.path() / "new", directory.path() / "a.crt");
  auto failure = failed.get_future();
  REQUIRE(failure.wait_for(30s) == std::future_status::ready);
  CHECK(security.policy() == old_policy);
  write_text(directory.path() / "a.key", after.key);
  auto success = reloaded.get_future();
  REQUIRE(success.wait_for(30s) == std::future_status::ready);
  CHECK(security.policy() != old_policy);
}

}  // namespace rig
