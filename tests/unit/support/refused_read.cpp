#include "support/refused_read.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>

namespace {

using Inode = std::pair<unsigned long, unsigned long>;  // device, number

std::mutex mutex;
std::map<Inode, int> errors;  // by file, under the mutex

int error_of(int fd) {
  const std::lock_guard lock(mutex);
  struct stat found {};
  if (errors.empty() || fstat(fd, &found) != 0) return 0;
  const auto error = errors.find({found.st_dev, found.st_ino});
  return error == errors.end() ? 0 : error->second;
}

}  // namespace

// --wrap of ld(1) gives these two their names.
extern "C" ssize_t __real_read(int fd, void* buffer, size_t size);
extern "C" ssize_t __wrap_read(int fd, void* buffer, size_t size) {
  const int error_number = error_of(fd);
  if (error_number == 0) return __real_read(fd, buffer, size);
  errno = error_number;
  return -1;
}

RefusedRead::RefusedRead(const std::filesystem::path& file, int error_number) {
  struct stat found {};
  stat(file.c_str(), &found);
  inode_ = {found.st_dev, found.st_ino};
  const std::lock_guard lock(mutex);
  errors[inode_] = error_number;
}

RefusedRead::~RefusedRead() {
  const std::lock_guard lock(mutex);
  errors.erase(inode_);
}
