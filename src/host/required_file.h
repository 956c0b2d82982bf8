// Files in /proc that exist on every machine.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rig/kernel/problem.h"
#include "rig/kernel/read_result.h"

namespace rig {

// read_text(), but a file that does not exist is a problem: --path.procfs is wrong.
ReadResult<std::string> read_required(const std::string& file);

// The problem of a text that was truncated, or that lacks lines which every kernel prints
// (`missing`, their names).
std::optional<Problem> incomplete(const std::string& file, std::string_view text,
                                  std::span<const std::string_view> missing);

}  // namespace rig
