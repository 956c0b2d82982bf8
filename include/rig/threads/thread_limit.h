// What to say if no thread can be created.
#pragma once

#include <string>

namespace rig {

// "cannot create a thread (limit of processes: RLIMIT_NPROC, TasksMax)", or what rejects clone3(2)
// and the remedy. Changes errno.
std::string no_thread_message();

}  // namespace rig
