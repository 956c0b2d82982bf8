// Removes the files that a library leaves behind in a directory.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace rig {

class NewFiles {
 public:
  // Records the existing files whose names start with `prefix`.
  NewFiles(std::filesystem::path directory, std::string prefix);

  // Removes this user's files with the prefix that were created after construction. They may
  // include files that another process of this user has created at the same time.
  void remove() const;

 private:
  std::set<std::filesystem::path> list() const;

  std::filesystem::path directory_;
  std::string prefix_;
  std::set<std::filesystem::path> existing_;
};

}  // namespace rig
