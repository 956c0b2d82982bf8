// One version of the web configuration, ready for use. Does not change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "rig/config/web_config.h"
#include "web/security/crypto_library.h"

namespace rig {

// Changes whenever a file is written or replaced. Zeros if there is no such file.
struct FileVersion {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint64_t modified = 0;  // nanoseconds
  std::uint64_t changed = 0;   // its content or its metadata; nanoseconds

  bool operator==(const FileVersion&) const = default;
};

struct WebPolicy {
  // Reads the file and those that it names. Throws ConfigErrors.
  explicit WebPolicy(const std::filesystem::path& file);

  WebConfig config;
  std::unique_ptr<const TlsContext> tls;  // null without TLS
  std::vector<FileVersion> files;         // of all files, from before they were read

  // Whether there is nothing in the file.
  bool is_empty() const { return files.front().size == 0; }

  // `files` as they are now.
  std::vector<FileVersion> files_now() const;

 private:
  std::filesystem::path file_;
};

}  // namespace rig
