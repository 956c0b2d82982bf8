// Makes read(2) of a file fail with an errno that only kernel files return (ENODATA, EOPNOTSUPP).
// Needs the linker option --wrap=read.
#pragma once

#include <filesystem>
#include <utility>

class FailingRead {
 public:
  // Reads of `file` fail with `error_number` while this object exists.
  FailingRead(const std::filesystem::path& file, int error_number);
  FailingRead(const FailingRead&) = delete;
  FailingRead& operator=(const FailingRead&) = delete;
  ~FailingRead();

 private:
  std::pair<unsigned long, unsigned long> inode_;
};
