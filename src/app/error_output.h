// Why the program cannot do its work.
#pragma once

#include <string>
#include <vector>

namespace rig {

// Prints one line per error to standard error. Unlike lines of the log, they are never dropped: if
// nobody reads standard error, it waits until a signal terminates the program.
void print_errors(const std::vector<std::string>& errors);

}  // namespace rig
