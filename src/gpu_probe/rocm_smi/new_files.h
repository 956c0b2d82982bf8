// Removes the files that a library leaves behind in a directory.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace rig {

class NewFiles {
 public:
  // Remembers the existing files whose names start with `prefix`.
  NewFiles(std::filesystem::path directory, std::string prefix);

  // Removes this user's files that were created since. Another process of this user that creates
  // such files at the same time may lose its own.
  void remove() const;

 private:
  std::set<std::filesystem::path> list() const;

  std::filesystem::path directory_;
  std::string prefix_;
  std::set<std::filesystem::path> existing_;
};

}  // namespace rig
