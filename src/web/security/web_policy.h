// One version of the web configuration, ready for use. Does not change.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "rig/config/web_config.h"
#include "web/security/tls_context.h"

namespace rig {

// Changes whenever a file is written or replaced: device, inode, size, and the times of the last
// modification and of the last status change in nanoseconds. Zeros if there is no such file.
using FileVersion = std::array<std::uint64_t, 5>;

struct WebPolicy {
  // Reads the file and those that it names. Throws ConfigErrors.
  explicit WebPolicy(const std::filesystem::path& file);

  WebConfig config;
  std::unique_ptr<const TlsContext> tls;  // null without TLS
  std::vector<FileVersion> files;         // of all files, from before they were read

  // The same, as they are now.
  std::vector<FileVersion> files_now() const;

 private:
  std::filesystem::path file_;
};

}  // namespace rig
