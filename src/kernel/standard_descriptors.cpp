#include "rig/kernel/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace rig {
namespace {

bool is_closed(int fd) { return fcntl(fd, F_GETFD) < 0 && errno == EBADF; }

// open(2) returns the lowest free number, which is that of the closed descriptor: lower ones are
// open already. Without a /dev (a chroot), a descriptor that can neither be read nor written takes
// the number.
void open_lowest(int flags) {
  if (open("/dev/null", flags) < 0) static_cast<void>(open("/", O_PATH));
}

}  // namespace

// Without O_CLOEXEC: these descriptors are for child processes, too.
void open_missing_standard_descriptors() {
  if (is_closed(STDIN_FILENO)) open_lowest(O_RDONLY);
  if (is_closed(STDOUT_FILENO)) open_lowest(O_RDONLY);
  if (is_closed(STDERR_FILENO)) open_lowest(O_WRONLY);
}

}  // namespace rig
