// Names of threads, for `ps -L` and gdb.
#pragma once

#include <string>

namespace rig {

// Names the calling thread; the kernel keeps 15 bytes of it.
void name_this_thread(const std::string& name);

}  // namespace rig
