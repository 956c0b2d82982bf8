#include "web/security/web_policy.h"

#include <string.h>
#include <sys/stat.h>

#include <string>
#include <utility>

#include "rig/config/config_error.h"
#include "web/security/crypto_library_loader.h"
#include "web/security/pem_files.h"

namespace rig {
namespace {

FileVersion version_of(const std::filesystem::path& file) {
  struct stat status {};
  if (file.empty() || stat(file.c_str(), &status) != 0) return {};
  const auto nanoseconds = [](const timespec& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
  };
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

std::unique_ptr<const TlsContext> make_tls_context(const WebConfig::Tls& settings) {
  const CryptoLibrary& library = crypto_library();  // may throw: before the key is in memory
  auto tls = with_pem_texts(settings);
  auto [context, error] = library.make_tls_context(tls);
  explicit_bzero(tls.key.text.data(), tls.key.text.size());
  if (!context) throw ConfigError(error);
  return std::move(context);
}

}  // namespace

WebPolicy::WebPolicy(const std::filesystem::path& file) : file_(file) {
  const auto own_version = version_of(file);
  config = read_web_config(file);
  files = files_now();
  files.front() = own_version;
  try {
    if (!config.users.empty()) crypto_library();
    if (config.tls) tls = make_tls_context(*config.tls);
  } catch (const ConfigError& error) {
    throw ConfigErrors({file.string() + ": " + error.what()});
  }
}

std::vector<FileVersion> WebPolicy::files_now() const {
  std::vector<FileVersion> versions{version_of(file_)};
  if (config.tls) {
    for (const auto* const source :
         {&config.tls->certificate, &config.tls->key, &config.tls->client_ca})
      versions.push_back(version_of(source->file));
  }
  return versions;
}

}  // namespace rig
