// Reads long files of the kernel line by line, without keeping their text.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "rig/kernel/read_result.h"

namespace rig {

// Calls `use` with every complete line of the file, without its newline. The value of the result is
// whether all lines were complete: a last line without a newline was truncated (see is_truncated()
// in rig/kernel/text.h). A file of any size may be read; a line longer than 1 MiB is a problem.
// Absent, and problems, as for read_text(). May block like read_text(); ReadObservers are not told.
ReadResult<bool> read_lines(const std::filesystem::path& path,
                            const std::function<void(std::string_view line)>& use);

}  // namespace rig
