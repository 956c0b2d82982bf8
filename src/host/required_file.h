// Files in /proc that exist on every machine.
#pragma once

#include <filesystem>
#include <string>

#include "rig/kernel/read_result.h"

namespace rig {

// read_text(), but a file that does not exist is a problem: --path.procfs is wrong.
ReadResult<std::string> read_required(const std::filesystem::path& file);

}  // namespace rig
