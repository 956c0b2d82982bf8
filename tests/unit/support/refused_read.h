// Files that can be opened and then refuse to be read with an error that no ordinary file gives
// (ENODATA, EOPNOTSUPP), as files of the kernel do. The program is linked with --wrap=read.
#pragma once

#include <filesystem>
#include <utility>

class RefusedRead {
 public:
  // From now on, until it is gone; one thread.
  RefusedRead(const std::filesystem::path& file, int error_number);
  RefusedRead(const RefusedRead&) = delete;
  RefusedRead& operator=(const RefusedRead&) = delete;
  ~RefusedRead();

 private:
  std::pair<unsigned long, unsigned long> inode_;
};
