// Reads a file that consists of one number.
#pragma once

#include <filesystem>

#include "rig/kernel/files.h"
#include "rig/kernel/read_result.h"
#include "rig/kernel/text.h"

namespace rig {

// The file is malformed if it contains anything but a single number of this type and a newline.
// Without the newline the number may lack its last digits.
template <typename T>
ReadResult<T> read_number(const std::string& file) {
  const auto text = read_attribute(file);
  if (text.problem() != nullptr) return *text.problem();
  if (!text) return std::nullopt;
  if (is_truncated(*text)) return Problem::truncated(file);
  const auto number = parse_number<T>(*text);
  if (!number) return Problem::malformed(file, trim(*text));
  return *number;
}
template <typename T>
ReadResult<T> read_number(const std::filesystem::path& file) {
  return read_number<T>(file.native());
}

}  // namespace rig
