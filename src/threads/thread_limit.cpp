#include "rig/threads/thread_limit.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace rig {
namespace {

// glibc creates threads with clone3(2), and with clone(2) only if the kernel does not know clone3
// (ENOSYS). The kernel itself answers EINVAL to a call without arguments; EPERM is the answer of a
// seccomp filter that does not know the call.
bool seccomp_rejects_clone3() { return syscall(SYS_clone3, nullptr, 0) == -1 && errno == EPERM; }

}  // namespace

std::string no_thread_message() {
  if (seccomp_rejects_clone3())
    return "cannot create a thread (a seccomp filter rejects clone3, as those of Docker before "
           "20.10.10 and with libseccomp before 2.5 do: update both on the host, or run the "
           "container with --security-opt seccomp=unconfined)";
  rlimit memory{};
  const bool memory_limited =
      getrlimit(RLIMIT_AS, &memory) == 0 && memory.rlim_cur != RLIM_INFINITY;
  return memory_limited ? "cannot create a thread (limit of memory or of processes: RLIMIT_AS, "
                          "RLIMIT_NPROC, TasksMax)"
                        : "cannot create a thread (limit of processes: RLIMIT_NPROC, TasksMax)";
}

}  // namespace rig
