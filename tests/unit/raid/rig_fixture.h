// A copy of a rig that a test may damage.
#pragma once

#include <filesystem>
#include <string>

#include "support/temporary_folder.h"

inline const std::filesystem::path kRigs = RIG_TEST_RIGS;

class CopiedRig {
 public:
  explicit CopiedRig(const std::string& rig) {
    using std::filesystem::copy_options;
    std::filesystem::copy(kRigs / rig, folder_.path(),
                          copy_options::recursive | copy_options::copy_symlinks);
  }
  std::filesystem::path path() const { return folder_.path(); }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
};
