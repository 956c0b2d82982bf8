#include "rig/kernel/standard_descriptors.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "support/catch.h"

using namespace rig;

namespace {

bool is_null_device(int fd) {
  struct stat found {};
  struct stat null {};
  return fstat(fd, &found) == 0 && stat("/dev/null", &null) == 0 && found.st_rdev == null.st_rdev &&
         S_ISCHR(found.st_mode);
}

bool contains(unsigned descriptors, int fd) {
  return (descriptors >> static_cast<unsigned>(fd) & 1U) != 0;
}

// In the child: returns the number of the check that failed, 0 if none did.
int check_without(unsigned closed) {
  unsigned null = closed;
  for (int fd = 0; fd < 3; ++fd) {
    if (is_null_device(fd)) null |= 1U << static_cast<unsigned>(fd);
    if (contains(closed, fd)) close(fd);
  }
  open_missing_standard_descriptors();
  for (int fd = 0; fd < 3; ++fd) {
    if (is_null_device(fd) != contains(null, fd)) return 10 + fd;
  }
  if (dup(0) <= 2) return 1;
  char byte = 0;
  if (contains(closed, 0) && read(0, &byte, 1) != 0) return 2;
  if (contains(closed, 1) && (write(1, "x", 1) != -1 || errno != EBADF)) return 3;
  if (contains(closed, 2) && write(2, "x", 1) != 1) return 4;
  return 0;
}

}  // namespace

TEST_CASE("Each closed standard descriptor is opened on /dev/null, and open ones are kept") {
  for (unsigned closed = 0; closed < 8; ++closed) {
    CAPTURE(closed);
    const pid_t child = fork();
    if (child == 0) _exit(check_without(closed));
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
}
