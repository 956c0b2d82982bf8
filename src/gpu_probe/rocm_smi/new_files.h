// Takes away what somebody else's code leaves behind in a folder.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace rig {

// Remembers what is there when it is made.
class NewFiles {
 public:
  // Of files whose names begin with `prefix`.
  NewFiles(std::filesystem::path folder, std::string prefix);

  // Those that have come since and are of this user. A process of the same user that does the same
  // at this very moment may lose its own.
  void remove() const;

 private:
  std::set<std::filesystem::path> list() const;

  std::filesystem::path folder_;
  std::string prefix_;
  std::set<std::filesystem::path> before_;
};

}  // namespace rig
