// Writes recorded reads as a tree of files and symbolic links.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rig/kernel/files.h"

namespace rig {

// A directory that was read, without symbolic links in its path, and its location in the copy.
struct CaptureRoot {
  std::filesystem::path from;  // /sys
  std::filesystem::path to;    // sys
};

// Writes nothing outside the copy's directory. Reads the source's directories and links, but not
// its files. Functions throw std::runtime_error if writing fails.
class CaptureCopy {
 public:
  // `directory` must exist and be empty.
  CaptureCopy(std::vector<CaptureRoot> roots, std::filesystem::path directory);

  // Writes the result of a completed read, anonymized. A later read of the same file replaces an
  // earlier one.
  void add(const KernelRead& read);

  // The path of a source path in the copy: "sys/devices/...". The unchanged path if it is under no
  // root, or leads out of it.
  std::string name_of(const std::filesystem::path& path) const;

  // The paths in the copy.
  const std::set<std::string>& files() const { return files_; }
  // The identifiers that were replaced, by file.
  const std::map<std::string, std::vector<std::string>>& replaced() const { return replaced_; }
  // Why a file that was read is not in the copy, by file.
  const std::map<std::string, std::string>& missing() const { return missing_; }

 private:
  struct Link {
    std::filesystem::path at;
    std::filesystem::path target;
  };
  // A path in the copy with all links resolved, and these links.
  struct Location {
    std::filesystem::path path;
    std::vector<Link> links;
  };
  std::optional<Location> locate(const std::filesystem::path& path) const;
  std::optional<Location> locate(const KernelRead& read) const;
  void write_file(const std::filesystem::path& path, const std::string& text);
  void write_link(const Link& link) const;
  void write_directory(const std::filesystem::path& path,
                       const std::filesystem::path& source) const;
  void make_directory(const std::filesystem::path& path) const;

  std::vector<CaptureRoot> roots_;
  std::filesystem::path directory_;
  std::set<std::string> files_;
  std::map<std::string, std::vector<std::string>> replaced_;
  std::map<std::string, std::string> missing_;
};

}  // namespace rig
