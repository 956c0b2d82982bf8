#include "web/security/pem_files.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "rig/config/config_error.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

constexpr std::size_t kMaxPemSize = 1U << 20U;

void read_pem(PemSource& source, std::string_view name) {
  if (source.file.empty()) return;
  auto text = read_text(source.file, kMaxPemSize);
  if (!text) {
    const auto reason = text.problem() != nullptr ? to_string(*text.problem())
                                                  : source.file.string() + ": no such file";
    throw ConfigError(fmt::format("{}_file: {}: write the path of a PEM file", name, reason));
  }
  source.text = *std::move(text);
}

}  // namespace

WebConfig::Tls with_pem_texts(WebConfig::Tls tls) {
  read_pem(tls.certificate, "cert");
  read_pem(tls.key, "key");
  read_pem(tls.client_ca, "client_ca");
  return tls;
}

}  // namespace rig
