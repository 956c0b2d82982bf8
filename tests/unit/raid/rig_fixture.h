// A copy of a host in tests/rigs that a test may change.
#pragma once

#include <filesystem>
#include <string>

#include "support/temporary_directory.h"

inline const std::filesystem::path kRigs = RIG_TEST_RIGS;

class RigFixture {
 public:
  explicit RigFixture(const std::string& rig) {
    using std::filesystem::copy_options;
    std::filesystem::copy(kRigs / rig, directory_.path(),
                          copy_options::recursive | copy_options::copy_symlinks);
  }
  std::filesystem::path path() const { return directory_.path(); }
  const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
};
