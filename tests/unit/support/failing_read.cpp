#include "support/failing_read.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>

namespace {

using Inode = std::pair<unsigned long, unsigned long>;  // device, number

std::mutex mutex;
std::map<Inode, int> errors;  // guarded by mutex

int error_of(int fd) {
  const std::lock_guard lock(mutex);
  struct stat status {};
  if (errors.empty() || fstat(fd, &status) != 0) return 0;
  const auto error = errors.find({status.st_dev, status.st_ino});
  return error == errors.end() ? 0 : error->second;
}

}  // namespace

// These names are defined by the option --wrap of ld(1).
extern "C" ssize_t __real_read(int fd, void* buffer, size_t size);
extern "C" ssize_t __wrap_read(int fd, void* buffer, size_t size) {
  const int error_number = error_of(fd);
  if (error_number == 0) return __real_read(fd, buffer, size);
  errno = error_number;
  return -1;
}

FailingRead::FailingRead(const std::filesystem::path& file, int error_number) {
  struct stat status {};
  stat(file.c_str(), &status);
  inode_ = {status.st_dev, status.st_ino};
  const std::lock_guard lock(mutex);
  errors[inode_] = error_number;
}

FailingRead::~FailingRead() {
  const std::lock_guard lock(mutex);
  errors.erase(inode_);
}
