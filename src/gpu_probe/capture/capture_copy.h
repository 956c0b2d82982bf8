// Writes what was read as a tree of files and links of the same shape.
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

// A folder that was read from, without links in its path, and where it comes in the copy.
struct CaptureRoot {
  std::filesystem::path from;  // /sys
  std::filesystem::path to;    // sys
};

// Nothing is written outside the folder of the copy; the names and links that it makes are those of
// the source, whose folders and links (not its files) it looks at. Functions throw
// std::runtime_error when the copy cannot be written.
class CaptureCopy {
 public:
  // `folder` is there and empty.
  CaptureCopy(std::vector<CaptureRoot> roots, std::filesystem::path folder);

  // Writes one read that has ended, without identifiers. Of two of the same file the later counts.
  void add(const KernelRead& read);

  // Where something that was read is, or would be, in the copy: "sys/devices/…". The path as it was
  // read when it is under no root, or leads out of it.
  std::string name_of(const std::filesystem::path& path) const;

  // By name in the copy.
  const std::set<std::string>& files() const { return files_; }
  // Which identifiers were replaced in a file.
  const std::map<std::string, std::vector<std::string>>& replaced() const { return replaced_; }
  // Why something that was asked for is not in the copy.
  const std::map<std::string, std::string>& missing() const { return missing_; }

 private:
  struct Link {
    std::filesystem::path at;
    std::filesystem::path target;
  };
  // Where a path ends when its links are followed, and those links.
  struct Place {
    std::filesystem::path at;
    std::vector<Link> links;
  };
  std::optional<Place> place_of(const std::filesystem::path& path) const;
  std::optional<Place> place_of(const KernelRead& read) const;
  void write_file(const std::filesystem::path& at, const std::string& text);
  void write_link(const Link& link) const;
  void write_folder(const std::filesystem::path& at, const std::filesystem::path& source) const;
  void make_folder(const std::filesystem::path& at) const;

  std::vector<CaptureRoot> roots_;
  std::filesystem::path folder_;
  std::set<std::string> files_;
  std::map<std::string, std::vector<std::string>> replaced_;
  std::map<std::string, std::string> missing_;
};

}  // namespace rig
