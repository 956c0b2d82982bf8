#include "rig/threads/thread_limit.h"

#include <sys/resource.h>

namespace rig {

std::string no_thread_message() {
  rlimit memory{};
  const bool memory_limited =
      getrlimit(RLIMIT_AS, &memory) == 0 && memory.rlim_cur != RLIM_INFINITY;
  return memory_limited ? "cannot create a thread (limit of memory or of processes: RLIMIT_AS, "
                          "RLIMIT_NPROC, TasksMax)"
                        : "cannot create a thread (limit of processes: RLIMIT_NPROC, TasksMax)";
}

}  // namespace rig
