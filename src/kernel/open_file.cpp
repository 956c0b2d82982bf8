#include "kernel/open_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "rig/kernel/kept_descriptors.h"

namespace rig {

UniqueFd open_file(const std::string& path, int flags) {
  UniqueFd file(open(path.c_str(), flags | O_CLOEXEC));
  if (file.is_open() || (errno != EMFILE && errno != ENFILE)) return file;
  KeptDescriptors* const closable = kept_attributes();
  if (closable == nullptr) return file;
  closable->clear();
  return UniqueFd(open(path.c_str(), flags | O_CLOEXEC));
}

std::optional<std::string> read_link(const char* path) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlink(path, target.data(), target.size());
  if (size < 0) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(size));
}

std::optional<std::string> path_of(int file) {
  // The real /proc, not --path.procfs.
  return read_link(("/proc/self/fd/" + std::to_string(file)).c_str());
}

bool means_no_file(int error_number) { return error_number == ENOENT || error_number == ENOTDIR; }

bool means_absent(int error_number) {
  return means_no_file(error_number) || error_number == ENODEV || error_number == ENXIO;
}

}  // namespace rig
