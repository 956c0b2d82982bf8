// Calls the observer of this thread (ObservedReads in rig/kernel/files.h), if there is one.
#pragma once

#include <string>

#include "rig/kernel/files.h"

namespace rig {

// Whether this thread's reads are observed, or direct (DirectReads in
// rig/kernel/cached_structure.h): each has to ask the kernel by its path.
bool reads_directly();
void observe_begin(KernelRead::Kind kind, const std::string& path);
void observe_end(KernelRead::Kind kind, const std::string& path, const std::string& text,
                 int error_number);

}  // namespace rig
