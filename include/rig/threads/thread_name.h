// Names of threads, for `ps -L` and gdb.
#pragma once

#include <string>

namespace rig {

// Sets the name of the calling thread; the kernel truncates it to 15 bytes.
void set_thread_name(const std::string& name);

}  // namespace rig
