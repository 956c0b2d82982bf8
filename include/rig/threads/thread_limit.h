// What to say if no thread can be created.
#pragma once

#include <string>

namespace rig {

// "cannot create a thread (limit of processes: RLIMIT_NPROC, TasksMax)"
std::string no_thread_message();

}  // namespace rig
