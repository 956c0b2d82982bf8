#include "web/security/web_policy.h"

#include <sys/stat.h>

#include <string>

#include "rig/config/config_error.h"

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

}  // namespace

WebPolicy::WebPolicy(const std::filesystem::path& file) : file_(file) {
  const auto own_version = version_of(file);
  config = read_web_config(file);
  files = files_now();
  files.front() = own_version;
  if (!config.tls) return;
  try {
    tls = std::make_unique<const TlsContext>(*config.tls);
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
