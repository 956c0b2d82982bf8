// Calls the observer of this thread (ObservedReads in rig/kernel/files.h), if there is one.
#pragma once

#include <string>

#include "rig/kernel/files.h"

namespace rig {

bool is_observed();
void observe_begin(KernelRead::Kind kind, const std::string& path);
void observe_end(KernelRead::Kind kind, const std::string& path, const std::string& text,
                 int error_number);

}  // namespace rig
