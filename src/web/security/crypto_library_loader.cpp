#include "web/security/crypto_library_loader.h"

#include <fmt/format.h>

#include "rig/config/config_error.h"
#include "rig/kernel/module.h"
#include "rig/log/log.h"
#include "rig/metrics/build_info.h"

namespace rig {
namespace {

constexpr const char* kModuleName = "rig_tls.so";
constexpr const char* kPurpose = "TLS and passwords need the module rig_tls.so";

std::string build_text(std::string_view version, std::string_view revision,
                       std::string_view compiler) {
  return fmt::format("{} ({}, {})", version, revision, compiler);
}

std::unique_ptr<const CryptoLibrary> load_crypto_library() {
  const auto module = load_module(program_directory(), kModuleName, kCryptoModule);
  if (!module.exists)
    throw ConfigError(
        fmt::format("{}, and there is no {}: install it there or in the directory of the program",
                    kPurpose, module.file.string()));
  if (module.symbol == nullptr)
    throw ConfigError(
        fmt::format("{}, and it cannot be loaded: {}: install {} of the same build as the program, "
                    "and the libraries of GnuTLS and libxcrypt",
                    kPurpose, module.problem, module.file.string()));
  const auto& [version, revision, compiler, make] =
      *static_cast<const CryptoModule*>(module.symbol);
  const auto own = build_text(kVersion, kRevision, kCompiler);
  const auto found = build_text(version, revision, compiler);
  if (found != own)
    throw ConfigError(fmt::format(
        "{} of the same build as the program, which is {}, and {} is of {}: install both from one "
        "build, and restart the exporter",
        kPurpose, own, module.file.string(), found));
  return std::unique_ptr<const CryptoLibrary>(make({&log_debug, &log_warn}));
}

}  // namespace

const CryptoLibrary& crypto_library() {
  static const auto library = load_crypto_library();
  return *library;
}

}  // namespace rig
