// Opens files and follows links.
#pragma once

#include <optional>
#include <string>

#include "rig/kernel/unique_fd.h"

namespace rig {

// open(2). If there are no more descriptors, the kept ones are closed.
UniqueFd open_file(const std::string& path, int flags);

// The target of a symbolic link; absent, and errno set, if it cannot be read.
std::optional<std::string> read_link(const char* path);

// The path of an open file without symbolic links; absent without /proc.
std::optional<std::string> path_of(int file);

// Whether an errno says that there is no such file.
bool means_no_file(int error_number);

// Whether it says that there is no such file, or that its device was removed.
bool means_absent(int error_number);

}  // namespace rig
